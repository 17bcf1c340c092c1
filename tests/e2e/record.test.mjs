// What is on record: the event log, what was used and what it cost, and what a contact leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { useServer } from './support/server.mjs';

const stage = useServer();

// One event that has been run to its end.
const runOnce = async (api, trigger, query = {}) => api.ended(await api.fire(trigger, { query, body: '{"n":1}' }));

// The lines of a stream, as they come.
async function* lines(server, path, body) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + chunk).split('\n');
    rest = whole.pop();
    for (const line of whole) yield JSON.parse(line);
  }
}

test('a run leaves its opening, its actions and its end in the event log', async () => {
  const { api } = stage;
  const skillsetId = await api.createSkillset([{ name: 'Say', description: 'says', instruction: '```echo\nhello\n```' }]);
  const botId = await api.createBot({ skillsetId });
  const trigger = await api.createTrigger({ botId });
  const event = await runOnce(api, trigger, { 'contact.email': 'ann@example.com' });
  assert.equal(event.state, 'succeeded');

  const { items } = await api.get('/event/log/list', { conversationId: event.conversationId, order: 'asc' });
  assert.deepEqual(items.map((item) => item.type), [
    'integration.trigger.event', 'contact.create', 'conversation.create', 'action.echo', 'integration.trigger.interact',
  ]);
  const action = items[3];
  assert.equal(action.triggerIntegrationId, trigger.id);
  assert.equal(action.botId, botId);
  assert.equal(action.skillsetId, skillsetId);
  assert.ok(action.abilityId.startsWith('ability_'));
  assert.equal(action.meta.eventId, event.id);

  const exported = await api.get('/event/log/export', { type: 'action.echo' });
  assert.equal(exported.items[0].id, action.id);
  const ofTrigger = await api.all('/event/log/list', { triggerIntegrationId: trigger.id });
  assert.ok(ofTrigger.length > 0 && ofTrigger.every((item) => item.triggerIntegrationId === trigger.id));
});

test('a subscriber gets the history and then what happens', async () => {
  const { api, server } = stage;
  await api.createBot({ name: 'before' });
  const seen = [];
  for await (const line of lines(server, '/event/log/subscribe', { historyLength: 1 })) {
    if (line.type === 'nop') continue;
    assert.equal(line.type, 'item');
    seen.push(`${line.data.type} ${line.data.name}`);
    if (seen.length === 1) await api.createBot({ name: 'after' });
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, ['bot.create before', 'bot.create after']);
  const tooFarBack = await api.call('POST', '/event/log/subscribe', { body: { historyLength: 10_001 } });
  assert.equal(tooFarBack.status, 400);
});

test('usage has the numbers of the contract, and money', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const event = await runOnce(api, trigger);
  const usage = await api.get('/usage/fetch');
  for (const name of ['tokens', 'conversations', 'messages']) assert.ok(usage[name] >= 0 && Number.isInteger(usage[name]), name);
  for (const name of ['datasets', 'records', 'skillsets', 'abilities', 'files', 'users']) assert.ok(Number.isInteger(usage.database[name]), name);
  assert.ok(usage.messages > 0);
  assert.equal(usage.costMicros, 0, 'the demo model is free');
  const series = await api.get('/usage/series/fetch');
  assert.equal(series.messages.at(-1).total, usage.messages);
  const { botId } = await api.get(`/integration/trigger/${trigger.id}/fetch`);
  const ofBot = await api.get(`/bot/${botId}/usage/fetch`);
  assert.equal(ofBot.conversations, 1);
  const ofConversation = await api.get(`/conversation/${event.conversationId}/usage/fetch`);
  assert.equal(ofConversation.messages, ofBot.messages);
  const ofTrigger = await api.get(`/integration/trigger/${trigger.id}/usage/fetch`);
  assert.equal(ofTrigger.runs, 1);
  assert.equal(ofTrigger.models[0].model, 'builtin/demo');
});

test('the models that bots can name are listed', async () => {
  const { items } = await stage.api.get('/platform/model/list');
  assert.ok(items.some((model) => model.id === 'builtin/demo' && model.default));
});

test('an erased contact leaves nothing it said, and its erasure is on record', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const event = await runOnce(api, trigger, { 'contact.email': 'erase-me@example.com', 'contact.name': 'Mallory' });
  const { contactId } = await api.get(`/conversation/${event.conversationId}/fetch`);
  const dry = await api.post(`/contact/${contactId}/erase`, { dryRun: true });
  assert.equal(dry.conversations, 1);
  await api.post(`/contact/${contactId}/erase`);
  await eventually('the erasure ends', async () => (await api.get(`/contact/${contactId}/erase/fetch`)).state === 'done');
  assert.equal((await api.call('GET', `/contact/${contactId}/fetch`)).status, 404);
  assert.equal((await api.call('GET', `/conversation/${event.conversationId}/fetch`)).status, 404);
  const left = JSON.stringify([
    await api.get(`/event/inbox/${event.id}/fetch`),
    await api.get(`/run/${event.runId}/step/list`),
    await api.get('/event/log/list'),
  ]);
  assert.doesNotMatch(left, /mallory|erase-me/i);
  const { items } = await api.get('/event/log/list', { contactId });
  assert.ok(items.some((item) => item.type === 'contact.erase' && item.meta.tokenId));
});

test('one conversation is exported as a file that reads alone', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const event = await runOnce(api, trigger);
  const markdown = await api.call('GET', `/conversation/${event.conversationId}/export`, { query: { format: 'markdown' } });
  assert.equal(markdown.headers.get('content-type'), 'text/markdown; charset=utf-8');
  assert.match(markdown.text, /^# Conversation ` .* `\n/);
  const file = await api.call('GET', `/conversation/${event.conversationId}/export`);
  const [first, ...messages] = file.text.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(first.type, 'conversation');
  assert.deepEqual(messages.map((line) => line.data), await api.messages(event.conversationId));
});
