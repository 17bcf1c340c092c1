// The golden transcripts of the contract (appendix C), with real ids and times in place of the
// illustrative ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useServer } from './support/server.mjs';
import { inShort } from './support/transcript.mjs';

const stage = useServer();
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const errorOf = async (method, path, options) => {
  const reply = await stage.api.call(method, path, options);
  assert.match(reply.body.requestId, /^req_/);
  assert.equal(reply.headers.get('x-request-id'), reply.body.requestId);
  return [reply.status, reply.body.code, reply.body.message];
};

test('C.1: create, fetch, fire', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const given = { name: 'Orders', botId, authenticate: true, sessionDuration: 3600000, triggerSchedule: '0 0 * * *' };
  const { id, secret } = await api.post('/integration/trigger/create', given);
  const fetched = await api.get(`/integration/trigger/${id}/fetch`);
  assert.deepEqual(fetched, {
    ...given, id, secret, alias: null, description: '', blueprintId: null, schedule: '0 0 * * *', timezone: null,
    lastTriggerAt: null, nextTriggerAt: fetched.nextTriggerAt, meta: {}, createdAt: fetched.createdAt, updatedAt: fetched.updatedAt,
  });
  assert.match(fetched.nextTriggerAt, /T00:00:00\.000Z$/);
  const wait = Date.parse(fetched.nextTriggerAt) - Date.now();
  assert.ok(wait > 0 && wait <= 24 * 3_600_000, 'the next midnight');
  for (const time of [fetched.createdAt, fetched.updatedAt]) assert.match(time, iso);

  const refused = await api.send({ id }, { method: 'GET', query: { session: 'order_1' } });
  assert.equal(refused.status, 401);
  const { requestId, ...error } = JSON.parse(refused.text);
  assert.deepEqual(error, { message: 'Not authenticated', code: 'NOT_AUTHENTICATED' });
  assert.match(requestId, /^req_/);
});

test('C.2: the resulting conversation', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const trigger = await api.createTrigger({ name: 'Orders', botId });
  const query = { session: 'order_1', 'contact.email': 'a@example.com', 'contact.name': 'Ann Lee' };
  const event = await api.ended(await api.fire(trigger, { query, body: '{"order_id":"12345","total":99.99}' }));
  const page = await api.get('/conversation/list', { 'meta.trigger.integrationId': trigger.id, take: '1' });
  assert.equal(typeof page.cursor, 'string');
  const [item] = page.items;
  assert.deepEqual(item, {
    id: event.conversationId, name: 'Orders', description: '', contactId: item.contactId, taskId: null, spaceId: null, botId,
    model: null, backstory: null, datasetId: null, skillsetId: null, privacy: false, moderation: false, expiresAt: null,
    meta: { app: 'trigger', trigger: { integrationId: trigger.id } }, createdAt: item.createdAt, updatedAt: item.updatedAt,
  });
  assert.match(item.contactId, /^contact_/);
  const messages = await api.messages(event.conversationId);
  assert.deepEqual(messages.map(inShort), [
    'instruction',
    'request _getIncomingEvent', 'response _getIncomingEvent',
    'request _getTriggerDetails', 'response _getTriggerDetails',
    'bot',
    'request _checkTriggerRunStatus', 'response _checkTriggerRunStatus',
  ]);
  const { ranAt, event: about, contact, ...incoming } = messages[2].meta.activity.function.result;
  assert.deepEqual(incoming, { body: '{"order_id":"12345","total":99.99}', timezone: 'UTC' });
  assert.match(ranAt, iso);
  assert.equal(about.id, event.id);
  assert.equal(contact.email, 'a@example.com');
  assert.equal(contact.name, 'Ann Lee');
  assert.deepEqual(Object.keys(messages[0]).sort(), ['createdAt', 'description', 'id', 'meta', 'name', 'text', 'type', 'updatedAt']);
});

test('C.3: update, list, delete', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const first = await api.createTrigger({ name: 'Café \u{1F375}', botId, schedule: 'daily', alias: 'cafe' });
  const second = await api.createTrigger({ name: 'Second', botId });
  assert.deepEqual(await api.post('/integration/trigger/@cafe/update', { triggerSchedule: null }), { id: first.id });
  const cleared = await api.get(`/integration/trigger/${first.id}/fetch`);
  assert.deepEqual([cleared.schedule, cleared.triggerSchedule, cleared.nextTriggerAt], [null, null, null]);

  const page = await api.get('/integration/trigger/list', { take: '2', order: 'desc', botId });
  assert.deepEqual(page.items.map((item) => item.id), [second.id, first.id]);
  assert.deepEqual(await api.get('/integration/trigger/list', { botId, cursor: page.cursor }), { items: [] });
  const lines = await api.call('GET', '/integration/trigger/list', { query: { botId }, headers: { accept: 'application/jsonl' } });
  assert.match(lines.headers.get('content-type'), /^application\/jsonl; charset=utf-8$/);
  assert.match(lines.headers.get('cache-control'), /no-cache/);
  assert.match(lines.text, /Caf\\u00e9 \\ud83c\\udf75/i);
  assert.deepEqual(lines.text.trimEnd().split('\n').map((line) => JSON.parse(line)), page.items.map((data) => ({ type: 'item', data })));
  const events = await api.call('GET', '/integration/trigger/list', { query: { botId, take: '1' }, headers: { accept: 'text/event-stream' } });
  assert.match(events.headers.get('content-type'), /^text\/event-stream/);
  assert.match(events.text, /^event: item\ndata: \{.*\}\n\n$/);

  assert.deepEqual(await api.post(`/integration/trigger/${first.id}/delete`), { id: first.id });
  const gone = await api.send(first, { body: 'x' });
  assert.equal(gone.status, 404);
  assert.equal(JSON.parse(gone.text).message, 'Not found');
});

test('C.6: errors', async () => {
  const { api } = stage;
  const botId = await api.createBot({ alias: 'taken' });
  const create = (body) => errorOf('POST', '/integration/trigger/create', { body: { name: 'x', ...body } });
  const stranger = await stage.server.api(null).call('POST', '/bot/create', { body: {} });
  assert.deepEqual([stranger.status, stranger.body.message], [401, 'Not authenticated']);
  assert.deepEqual(await create({ botId: 'bot_missing' }), [404, 'NOT_FOUND', 'Bot not found']);
  const [status, code, message] = await create({ botId, triggerSchedule: '61 * * * *' });
  assert.deepEqual([status, code], [400, 'BAD_REQUEST']);
  assert.match(message, /schedule.*61/);
  assert.deepEqual(await errorOf('GET', '/bot/create'), [405, 'METHOD_NOT_ALLOWED', 'Method not allowed']);
  assert.deepEqual(await errorOf('POST', '/bot/create', { body: { alias: 'taken' } }), [409, 'CONFLICT', 'Unique constraint violation']);
  const broken = await fetch(`${stage.server.url}/v1/bot/create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.server.adminToken}`, 'content-type': 'application/json' },
    body: '{"name":',
  });
  assert.equal(broken.status, 400);
  assert.match((await broken.json()).message, /not valid JSON.*byte 8/);
  const both = await create({ botId, authenticate: 'yes', sessionDuration: -1 });
  assert.match(both[2], /authenticate.*; .*sessionDuration|sessionDuration.*; .*authenticate/, 'several problems in one message');
});

test('bodies: none is an empty object, another media type is refused', async () => {
  const post = (headers, body) => fetch(`${stage.server.url}/api/v1/bot/create`, {
    method: 'POST', headers: { authorization: `Bearer ${stage.server.adminToken}`, ...headers }, body,
  });
  assert.equal((await post({})).status, 200);
  assert.equal((await post({ 'content-type': 'text/plain' }, '{}')).status, 400);
  assert.equal((await post({ 'content-type': 'application/json; charset=utf-8' }, '{"name":"x"}')).status, 200);
});

test('meta is replaced whole, or merged by $update', async () => {
  const { api } = stage;
  const id = await api.createBot({ meta: { a: 1, b: 2 } });
  const meta = async (change) => {
    await api.post(`/bot/${id}/update`, { meta: change });
    return (await api.get(`/bot/${id}/fetch`)).meta;
  };
  assert.deepEqual(await meta({ $update: { b: 3, c: 4 } }), { a: 1, b: 3, c: 4 });
  assert.deepEqual(await meta({ d: 5 }), { d: 5 });
  assert.deepEqual(await meta(null), {});
});
