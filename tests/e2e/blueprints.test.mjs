// Blueprints: what they add to a run, and how they travel.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { useServer } from './support/server.mjs';

const stage = useServer();

// A blueprint with a skillset of one ability, a bot without any, and a trigger.
async function furnish(api) {
  const { id: blueprintId } = await api.post('/blueprint/create', { name: 'Shop' });
  const skillsetId = await api.createSkillset(
    [{ name: 'repeat order', description: 'Repeats', instruction: '```echo\n{"order": $[order! js|the order]}\n```' }], { blueprintId });
  const botId = await api.createBot({ name: 'Clerk', blueprintId });
  const trigger = await api.createTrigger({ botId, blueprintId });
  return { blueprintId, skillsetId, botId, trigger };
}
const resultsOf = async (api, trigger) => {
  const event = await api.ended(await api.fire(trigger, { body: '{"order":"A-7"}' }));
  return (await api.messages(event.conversationId))
    .filter((message) => message.meta.activity?.type === 'response' && message.meta.activity.function.name === 'repeat_order')
    .map((message) => message.meta.activity.function.result);
};

describe('a run of a trigger', () => {
  test('has the abilities of its blueprint, and those of another from the next run on', async () => {
    const { blueprintId, trigger } = await furnish(stage.api);
    assert.deepEqual(await resultsOf(stage.api, trigger), [{ order: 'A-7' }]);
    await stage.api.post(`/integration/trigger/${trigger.id}/update`, { blueprintId: null });
    assert.deepEqual(await resultsOf(stage.api, trigger), []);
    await stage.api.post(`/integration/trigger/${trigger.id}/update`, { blueprintId });
    assert.deepEqual(await resultsOf(stage.api, trigger), [{ order: 'A-7' }]);
  });

  test('searches the datasets of its blueprint, beside that of its bot', async () => {
    const { api } = stage;
    const { id: blueprintId } = await api.post('/blueprint/create', { name: 'Shop' });
    const dataset = async (name, text, more = {}) => {
      const { id } = await api.post('/dataset/create', { name, ...more });
      await api.post(`/dataset/${id}/record/create`, { text });
      return id;
    };
    const datasetId = await dataset('Own', 'tea is served at four');
    const prices = await dataset('Prices', 'tea costs two', { blueprintId });
    const skillsetId = await api.createSkillset([{ name: 'repeat order', instruction: '```dataset/search\n$[order!]\n```' }]);
    const botId = await api.createBot({ name: 'Clerk', datasetId, skillsetId });
    const trigger = await api.createTrigger({ botId, blueprintId });
    const event = await api.ended(await api.fire(trigger, { body: '{"order":"tea"}' }));
    const [found] = (await api.messages(event.conversationId))
      .map((message) => message.meta.activity)
      .filter((activity) => activity?.type === 'response' && activity.function.name === 'repeat_order')
      .map((activity) => activity.function.result);
    assert.deepEqual(found.records.map((one) => [one.datasetId, one.dataset, one.text]), [
      [datasetId, 'Own', 'tea is served at four'],
      [prices, 'Prices', 'tea costs two'],
    ]);
  });

  test('works for a clone as for its source', async () => {
    const { blueprintId } = await furnish(stage.api);
    const { resources } = await stage.api.post(`/blueprint/${blueprintId}/clone`);
    const trigger = await stage.api.get(`/integration/trigger/${resources.triggerIntegration[0].id}/fetch`);
    stage.server.protect(trigger.secret);
    assert.deepEqual(await resultsOf(stage.api, trigger), [{ order: 'A-7' }]);
  });
});

test('a document travels to another account and works there', async () => {
  const { blueprintId, trigger } = await furnish(stage.api);
  const document = await stage.api.get(`/blueprint/${blueprintId}/resource/export`);
  assert.ok(!JSON.stringify(document).includes(trigger.secret));
  const { token } = await stage.api.post('/account/create', { name: 'Bob' });
  const bob = stage.server.api(token);
  const { id } = await bob.post('/blueprint/create', { name: 'Shop' });
  const imported = await bob.post(`/blueprint/${id}/resource/import`, { resource: document });
  assert.equal(imported.id, id);
  const theirs = await bob.get(`/integration/trigger/${imported.resources.triggerIntegration[0].id}/fetch`);
  stage.server.protect(theirs.secret);
  assert.notEqual(theirs.secret, trigger.secret);
  assert.deepEqual(await resultsOf(bob, theirs), [{ order: 'A-7' }]);

  const again = await bob.get(`/blueprint/${id}/resource/export`);
  const withoutIds = (text) => JSON.stringify(text).replaceAll(/"(blueprint|bot|skillset|ability|trigger)_[a-z0-9]+"/g, '"$1"');
  assert.equal(withoutIds(again), withoutIds(document));
});

test('Terraform gets a configuration, with the id of nothing in it', async () => {
  const { blueprintId } = await furnish(stage.api);
  const reply = await stage.api.call('GET', `/blueprint/${blueprintId}/resource/export`, { headers: { accept: 'application/terraform+hcl' } });
  assert.equal(reply.headers.get('content-type'), 'application/terraform+hcl; charset=utf-8');
  assert.match(reply.text, /resource "chatbotkit_trigger_integration" "test_trigger" \{\n {2}blueprint_id = chatbotkit_blueprint\.blueprint\.id\n/);
  assert.doesNotMatch(reply.text, /(bot|skillset|ability|trigger|blueprint)_[a-z0-9]{26}/);
});
