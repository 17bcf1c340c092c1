// Abilities that work on the server's own data: what one run leaves, and others find.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { newToken, startServer, temporaryFolder, useServer } from './support/server.mjs';

const stage = useServer(async () => ({ args: ['--limits-hops', '2'] }));

const ability = (name, instruction) => ({ name, instruction });
// A trigger whose bot has these abilities.
async function triggerWith(api, abilities, bot = {}) {
  const skillsetId = await api.createSkillset(abilities);
  return api.createTrigger({ botId: await api.createBot({ skillsetId, ...bot }) });
}
const json = (body, query = {}) => ({ query, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
// The results of a run's calls of one function, once the run has succeeded.
async function resultsOf(api, eventId, name) {
  const event = await api.ended(eventId);
  assert.equal(event.state, 'succeeded', JSON.stringify(event));
  const messages = await api.messages(event.conversationId);
  return messages
    .map((message) => message.meta.activity)
    .filter((activity) => activity?.type === 'response' && activity.function.name === name)
    .map((activity) => activity.function.result);
}

test('a record that a bot keeps is found by the API and by the bot', async () => {
  const { api } = stage;
  const { id: datasetId } = await api.post('/dataset/create', { name: 'Notes', alias: 'notes' });
  const keeping = await triggerWith(api, [ability('keep', '```dataset/record/create/id=notes\n$[note!]\n```')]);
  const [kept] = await resultsOf(api, await api.fire(keeping, json({ note: 'The gate closes at six' })), 'keep');
  assert.equal(kept.datasetId, datasetId);
  const { records } = await api.post(`/dataset/${datasetId}/search`, { search: 'gates' });
  assert.deepEqual(records.map((one) => one.id), [kept.id]);

  const looking = await triggerWith(api, [ability('look', '@dataset/search')], { datasetId });
  const [found] = await resultsOf(api, await api.fire(looking, json({ datasetId, query: 'gate' })), 'look');
  assert.deepEqual(found, { id: datasetId, records: records.map((one) => ({ ...one, score: found.records[0].score })) });
});

test('what is remembered of a contact is found in its next run, and in no run of another', async () => {
  const { api } = stage;
  const telling = await triggerWith(api, [ability('remember', '@memory/create[contact]')]);
  const trigger = await triggerWith(api, [
    ability('recall', '@memory/search[contact]'),
    ability('earlier', '```conversation/search\n$[words!]\n```'),
  ]);
  const from = (email) => ({ 'contact.email': email });
  await api.ended(await api.fire(telling, json({ text: 'Ann drinks tea' }, { ...from('ann@example.com'), session: 'one' })));
  const ask = { query: 'tea', words: 'drinks' };
  const second = await api.fire(trigger, json(ask, { ...from('ann@example.com'), session: 'two' }));
  const [recalled] = await resultsOf(api, second, 'recall');
  assert.deepEqual(recalled.items.map((one) => one.text), ['Ann drinks tea']);
  const [earlier] = await resultsOf(api, second, 'earlier');
  assert.equal(earlier.conversations.length, 1);
  const bob = await api.fire(trigger, json(ask, from('bob@example.com')));
  assert.deepEqual((await resultsOf(api, bob, 'recall'))[0].items, []);
  assert.deepEqual((await resultsOf(api, bob, 'earlier'))[0].conversations, []);
});

test('a bot sends events to another trigger, with a trace', async () => {
  const { api } = stage;
  const target = await triggerWith(api, [ability('echoed', '```echo\n$[order!]\n```')]);
  const source = await triggerWith(api, [
    ability('pass_on', `\`\`\`trigger/send\ntriggerId: ${target.id}\nsession: shared\nbody: {order: "$[order!]"}\n\`\`\``),
  ]);
  const first = await api.fire(source, json({ order: 'A-7' }));
  const [{ eventId }] = await resultsOf(api, first, 'pass_on');
  assert.deepEqual(await resultsOf(api, eventId, 'echoed'), ['A-7']);
  const sent = await api.fetchEvent(eventId);
  assert.equal(sent.source, 'action');
  assert.equal(sent.body, '{"order":"A-7"}');
  assert.match(sent.headers['bellpull-run'], /^run_/);
  assert.deepEqual((await api.get('/event/inbox/list', { source: 'action', triggerId: target.id })).items.map((one) => one.id), [eventId]);
});

test('a bot that triggers itself is stopped after limits.hops', async () => {
  const { api } = stage;
  const skillsetId = await api.createSkillset([]);
  const trigger = await api.createTrigger({ botId: await api.createBot({ skillsetId }) });
  await api.post(`/skillset/${skillsetId}/ability/create`, ability('again', `\`\`\`trigger/send/triggerId=${trigger.id}\n{"n": 1}\n\`\`\``));
  await api.fire(trigger, json({ n: 1 }));
  const events = await eventually('the chain ends', async () => {
    const { items } = await api.get('/event/inbox/list', { triggerId: trigger.id });
    return items.length >= 3 && items.every((one) => one.state === 'succeeded') ? items : undefined;
  });
  assert.equal(events.length, 3, 'the first and two hops');
  const [refused] = await resultsOf(api, events[0].id, 'again');
  assert.match(refused.error, /^Nothing was sent: 2 triggers have sent to one another/);
});

test('a bot asks another one', async () => {
  const { api } = stage;
  await api.createBot({ name: 'Clerk', alias: 'clerk' });
  const trigger = await triggerWith(api, [ability('ask', '```bot/ask/botId=clerk\n$[question!]\n```')]);
  const [answer] = await resultsOf(api, await api.fire(trigger, json({ question: 'What is new?' })), 'ask');
  assert.match(answer.text, /What is new\?/);
});

test('what a bot remembered outlives a crash', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const options = { data: path.join(folder.path, 'data'), adminToken: newToken() };
  const first = await startServer(t, options);
  const trigger = await triggerWith(first.api(), [
    ability('remember', '```memory/create/scope=bot\n$[fact!]\n```'),
    ability('recall', '```memory/search/scope=bot\n$[query!]\n```'),
  ]);
  await first.api().ended(await first.api().fire(trigger, json({ fact: 'Closed on Mondays' })));
  first.signal('SIGKILL');
  await first.ended();

  const api = (await startServer(t, options)).api();
  const asked = await api.fire(trigger, json({ query: 'closing' }));
  const [recalled] = await resultsOf(api, asked, 'recall');
  assert.deepEqual(await resultsOf(api, asked, 'remember'), [], 'nothing new is remembered beside it');
  assert.deepEqual(recalled.items.map((one) => one.text), ['Closed on Mondays']);
});
