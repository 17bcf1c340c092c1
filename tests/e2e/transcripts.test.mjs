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
  const created = await api.call('POST', '/integration/trigger/create', { body: given });
  assert.equal(created.status, 200);
  assert.equal(created.headers.get('content-type').split(';')[0], 'application/json');
  const { id, secret } = created.body;
  assert.deepEqual(created.body, { id, secret });
  assert.match(id, /^trigger_[a-z0-9]+$/);
  assert.match(secret, /^[0-9a-f]{64}$/);
  const fetched = await api.get(`/integration/trigger/${id}/fetch`);
  assert.deepEqual(fetched, {
    ...given, id, secret, alias: null, description: '', blueprintId: null, schedule: '0 0 * * *', timezone: null,
    scheduleStartAt: null, scheduleEndAt: null, scheduleJitter: null, scheduleCatchUp: 'last', scheduleCatchUpLimit: null,
    scheduleCatchUpWindow: null, scheduleOverlap: 'queue', schedulePauseAfter: null, scheduleBody: null, scheduleSession: null,
    scheduleContact: null, scheduleState: 'active', scheduleError: null,
    deliveryId: null, previousSecretExpiresAt: null, rateLimit: null, state: 'enabled', lastTriggerAt: null, nextTriggerAt: fetched.nextTriggerAt, meta: {}, createdAt: fetched.createdAt, updatedAt: fetched.updatedAt,
  });
  assert.match(fetched.nextTriggerAt, /T00:00:00\.000Z$/);
  const wait = Date.parse(fetched.nextTriggerAt) - Date.now();
  assert.ok(wait > 0 && wait <= 24 * 3_600_000, 'the next midnight');
  for (const time of [fetched.createdAt, fetched.updatedAt]) assert.match(time, iso);

  // The address as it stands in the contract: a plus sign is a blank.
  const address = `${stage.server.url}/v1/integration/trigger/${id}/event?session=order_1&contact.email=a@example.com&contact.name=Ann+Lee`;
  const fired = await fetch(address, {
    method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: '{"order_id":"12345","total":99.99}',
  });
  assert.equal(fired.status, 200);
  assert.equal(fired.headers.get('content-type').split(';')[0], 'application/json');
  assert.equal(await fired.text(), '{"ok":true}');
  const eventId = fired.headers.get('x-event-id');
  assert.match(eventId, /^event_[a-z0-9]+$/);
  assert.equal(fired.headers.get('location'), `/api/v1/event/inbox/${eventId}/fetch`);
  const event = await api.ended(eventId);
  const { contactId } = await api.get(`/conversation/${event.conversationId}/fetch`);
  const { name, email } = await api.get(`/contact/${contactId}/fetch`);
  assert.deepEqual({ name, email }, { name: 'Ann Lee', email: 'a@example.com' });

  const errorOfEvent = async (trigger, options) => {
    const { status, text } = await api.send(trigger, options);
    const { requestId, hint, ...error } = JSON.parse(text);
    assert.match(requestId, /^req_/);
    return [status, error];
  };
  assert.deepEqual(await errorOfEvent({ id }, { method: 'GET', query: { session: 'order_1' } }),
    [401, { message: 'Not authenticated', code: 'NOT_AUTHENTICATED' }]);
  assert.deepEqual(await errorOfEvent({ id: 'nope' }), [404, { message: 'Not found', code: 'NOT_FOUND' }]);
});

test('C.2: the resulting conversation', async () => {
  const { api } = stage;
  const note = '```echo\nnoted $[order_id!|the order]\n```';
  const skillsetId = await api.createSkillset([{ name: 'Note order', description: 'Notes an order', instruction: note }]);
  const botId = await api.createBot({ skillsetId });
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
  const told = await api.messages(event.conversationId);
  // The built-in model says what it is about to do, as models may; the transcript's does not.
  assert.equal(told[5].type, 'bot');
  const messages = told.toSpliced(5, 1);
  assert.deepEqual(messages.map(inShort), [
    'instruction',
    'request _getIncomingEvent', 'response _getIncomingEvent',
    'request _getTriggerDetails', 'response _getTriggerDetails',
    'request note_order', 'response note_order',
    'bot',
    'request _checkTriggerRunStatus', 'response _checkTriggerRunStatus',
  ]);
  const functionOf = (index) => messages[index].meta.activity.function;
  const { ranAt, event: about, contact, ...incoming } = functionOf(2).result;
  assert.deepEqual(incoming, { body: '{"order_id":"12345","total":99.99}', timezone: 'UTC' });
  assert.match(ranAt, iso);
  assert.deepEqual(about, { id: event.id, receivedAt: about.receivedAt, method: 'POST', contentType: about.contentType });
  assert.match(about.receivedAt, iso);
  assert.ok(about.receivedAt <= ranAt);
  assert.equal(contact.email, 'a@example.com');
  assert.equal(contact.name, 'Ann Lee');
  for (const request of [1, 3, 5, 8]) assert.deepEqual(functionOf(request + 1).arguments, functionOf(request).arguments);
  for (const request of [1, 3, 8]) assert.deepEqual(functionOf(request).arguments, {});
  assert.deepEqual(functionOf(4).result, { name: 'Orders', description: '', meta: {} });
  assert.deepEqual(functionOf(5).arguments, { order_id: '12345' });
  assert.match(JSON.stringify(functionOf(6).result), /noted 12345/);
  assert.notEqual(messages[7].text, '');
  assert.deepEqual(functionOf(9).result, { status: 'complete', outcome: 'succeeded' });
  assert.ok(messages.every((message) => message.type !== 'activity' || message.text === ''));
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
  assert.deepEqual(Object.keys(page).sort(), ['cursor', 'items']);
  assert.deepEqual(page.items[0], await api.get(`/integration/trigger/${second.id}/fetch`));
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
  const { message, code } = JSON.parse(gone.text);
  assert.deepEqual({ message, code }, { message: 'Not found', code: 'NOT_FOUND' });
});

test('C.3: a list narrowed by a blueprint', async () => {
  const { api } = stage;
  const { id: blueprintId } = await api.post('/blueprint/create', { name: 'Shop' });
  const triggers = [];
  for (const name of ['one', 'two', 'three']) triggers.push((await api.createTrigger({ name, blueprintId })).id);
  await api.createTrigger({ name: 'elsewhere' });
  const page = await api.get('/integration/trigger/list', { take: '2', order: 'desc', blueprintId });
  assert.deepEqual(page.items.map((item) => item.id), [triggers[2], triggers[1]]);
  const rest = await api.get('/integration/trigger/list', { take: '2', order: 'desc', blueprintId, cursor: page.cursor });
  assert.deepEqual(rest.items.map((item) => item.id), [triggers[0]]);
  assert.deepEqual(await api.get('/integration/trigger/list', { take: '2', blueprintId, cursor: rest.cursor }), { items: [] });
});

test('C.6: errors', async () => {
  const { api } = stage;
  const botId = await api.createBot({ alias: 'taken' });
  const create = (body) => errorOf('POST', '/integration/trigger/create', { body: { name: 'x', ...body } });
  const stranger = await stage.server.api(null).call('POST', '/bot/create', { body: {} });
  assert.deepEqual([stranger.status, stranger.body.code, stranger.body.message], [401, 'NOT_AUTHENTICATED', 'Not authenticated']);
  assert.deepEqual(await create({ botId: 'bot_missing' }), [404, 'NOT_FOUND', 'Bot not found']);
  const [status, code, message] = await create({ botId, triggerSchedule: '61 * * * *' });
  assert.deepEqual([status, code], [400, 'BAD_REQUEST']);
  assert.match(message, /schedule.*61/);
  assert.equal((await api.call('GET', '/bot/create')).headers.get('allow')?.includes('POST'), true);
  assert.deepEqual(await errorOf('GET', '/bot/create'), [405, 'METHOD_NOT_ALLOWED', 'Method not allowed']);
  assert.deepEqual(await errorOf('POST', '/bot/create', { body: { alias: 'taken' } }), [409, 'CONFLICT', 'Unique constraint violation']);
  const broken = await fetch(`${stage.server.url}/v1/bot/create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.server.adminToken}`, 'content-type': 'application/json' },
    body: '{"name":',
  });
  assert.equal(broken.status, 400);
  const { code: codeOfBroken, message: messageOfBroken } = await broken.json();
  assert.equal(codeOfBroken, 'BAD_REQUEST');
  assert.match(messageOfBroken, /not valid JSON.*byte 8/);
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
