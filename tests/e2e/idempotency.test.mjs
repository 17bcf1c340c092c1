// Keys as a sender or an API client meets them: done once, whatever happens in between.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { startServer, temporaryFolder, useServer } from './support/server.mjs';

const stage = useServer();

const eventsOf = async (api, trigger) => await api.all('/event/inbox/list', { triggerId: trigger.id });
const keyed = (key) => ({ 'idempotency-key': key });
const make = (api, path, key, body = {}) => api.call('POST', path, { body, headers: keyed(key) });

test('a repeated event says that it is one, and is counted', async (t) => {
  const server = await startServer(t);
  const api = server.api();
  const trigger = await api.createTrigger();
  const first = await api.send(trigger, { body: 'body', headers: keyed('k') });
  assert.equal(first.headers.get('idempotent-replayed'), null);
  const again = await api.send(trigger, { body: 'body', headers: keyed('k') });
  assert.equal(again.text, '{"ok":true}');
  assert.equal(again.headers.get('x-event-id'), first.headers.get('x-event-id'));
  assert.equal(again.headers.get('location'), first.headers.get('location'));
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  const event = await api.fetchEvent(first.headers.get('x-event-id'));
  assert.equal(event.idempotencyKey, 'k');
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^bellpull_events_repeated_total 1$/m);
});

test('what is no key is refused, and keeps nothing', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  for (const key of ['', 'two words', 'é', 'k'.repeat(256)]) {
    const reply = await api.send(trigger, { body: 'x', headers: keyed(Buffer.from(key).toString('latin1')) });
    assert.equal(reply.status, 400, key);
    assert.match(JSON.parse(reply.text).message, /^Idempotency-Key must be 1 to 255 visible ASCII characters/);
  }
  assert.equal((await eventsOf(api, trigger)).length, 0);
});

test('deliveries are known by the ids that their trigger names', async (t) => {
  const { api } = stage;
  const deliveryId = { headers: ['webhook-id', 'X-GitHub-Delivery'], jsonPath: '$.data.items[0].id' };
  const trigger = await api.createTrigger({ deliveryId });
  const body = (id, more = '') => JSON.stringify({ data: { items: [{ id }] }, more });
  const fire = (text, headers = {}) => api.fire(trigger, { body: text, headers });

  const byHeader = await fire('text', { 'webhook-id': 'msg_1' });
  assert.equal(await fire('text', { 'Webhook-Id': 'msg_1' }), byHeader);
  assert.notEqual(await fire('text', { 'x-github-delivery': 'msg_1' }), byHeader, 'an id is one of its source');
  assert.notEqual(await fire('text', { 'webhook-id': 'msg_2', 'x-github-delivery': 'msg_1' }), byHeader);

  const byBody = await fire(body(17));
  assert.equal(await fire(body(17)), byBody);
  assert.notEqual(await fire(body(18)), byBody);
  assert.equal((await api.fetchEvent(byBody)).idempotencyKey, '$.data.items[0].id 17');

  const explicit = await fire(body(17), keyed('17'));
  assert.notEqual(explicit, byBody, 'an explicit key wins');
  assert.equal(await fire(body(17), keyed('17')), explicit);

  await t.test('an id of another body is refused, and says where it stood', async () => {
    const reply = await api.send(trigger, { body: body(17, 'changed') });
    assert.equal(reply.status, 422);
    assert.match(JSON.parse(reply.text).message, /delivery id .*\$\.data\.items\[0\]\.id 17$/);
    assert.match(JSON.parse(reply.text).hint, /deliveryId/);
  });
  await t.test('without an id each is an event of its own', async () => {
    const hostile = '['.repeat(1_000_000);
    for (const text of ['', 'no json', '{}', '{"data":{"items":[{"id":null}]}}', hostile]) {
      assert.notEqual(await fire(text), await fire(text), text.slice(0, 40));
    }
  });
  await t.test('a change counts from the next event on', async () => {
    await api.post(`/integration/trigger/${trigger.id}/update`, { deliveryId: null });
    assert.notEqual(await fire(body(17)), byBody);
    assert.equal((await api.get(`/integration/trigger/${trigger.id}/fetch`)).deliveryId, null);
  });
});

test('everything wrong with deliveryId is told', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const body = { botId, deliveryId: { headers: ['Authorization'], jsonPath: '$..id' } };
  const reply = await api.call('POST', '/integration/trigger/create', { body });
  assert.equal(reply.status, 400);
  assert.match(reply.body.message, /^deliveryId headers can't be authorization.*jsonPath must go on with/);
});

test('a key is new when its time is over', async (t) => {
  const server = await startServer(t, { config: '[idempotency]\nttl = "1s"' });
  const api = server.api();
  const trigger = await api.createTrigger();
  const event = await api.fire(trigger, { body: 'x', headers: keyed('k') });
  const bot = await make(api, '/bot/create', 'k');
  const fireAgain = () => api.fire(trigger, { body: 'x', headers: keyed('k') });
  await eventually('the key of an event is new', async () => (await fireAgain()) !== event);
  await eventually('the key of a call is new', async () => (await make(api, '/bot/create', 'k')).body.id !== bot.body.id);
  assert.equal((await eventsOf(api, trigger)).length, 2);
});

test('creates that are sent at once make one, and everybody who is answered gets the same', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const replies = await Promise.all(
    Array.from({ length: 30 }, () => make(api, '/integration/trigger/create', 'at-once', { name: 'One', botId })),
  );
  const answered = replies.filter((reply) => reply.status === 200);
  assert.ok(answered.length > 0);
  assert.equal(new Set(answered.map((reply) => reply.text)).size, 1);
  for (const reply of replies) assert.ok([200, 409].includes(reply.status), reply.text);
  const made = (await api.all('/integration/trigger/list')).filter((trigger) => trigger.name === 'One');
  assert.equal(made.length, 1);
  assert.equal(made[0].secret, answered[0].body.secret);
});

test('an invoke runs once', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const invoke = (key) => make(api, `/integration/trigger/${trigger.id}/invoke`, key);
  assert.equal((await invoke('k')).status, 200);
  const again = await invoke('k');
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.equal(again.body.id, trigger.id);
  assert.equal((await eventsOf(api, trigger)).length, 1);
  assert.equal((await invoke('another')).status, 200);
  assert.equal((await eventsOf(api, trigger)).length, 2);
});

// Killed somewhere among 60 pairs of calls: each is repeated afterwards, and there is one of each.
test('what was begun before kill -9 is done once after it', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const first = await startServer(t, { data });
  let api = first.api();
  const trigger = await api.createTrigger({ deliveryId: { headers: ['webhook-id'] } });
  const numbers = Array.from({ length: 60 }, (_, i) => i);
  const create = (i) => make(api, '/contact/create', `contact-${i}`, { name: `Contact ${i}` });
  const send = (i) => api.send(trigger, { body: `event ${i}`, headers: { 'webhook-id': `${i}` } });
  const before = new Map();
  const note = (name, reply, id) => {
    if (reply?.status === 200) before.set(name, id(reply));
    if (before.size === 25) first.signal('SIGKILL');
  };
  const contactId = (reply) => reply.body.id;
  const eventId = (reply) => reply.headers.get('x-event-id');
  await Promise.all(numbers.flatMap((i) => [
    create(i).catch(() => null).then((reply) => note(`contact ${i}`, reply, contactId)),
    send(i).catch(() => null).then((reply) => note(`event ${i}`, reply, eventId)),
  ]));
  await first.ended();
  assert.ok(before.size >= 25);

  const second = await startServer(t, { data, adminToken: first.adminToken });
  api = second.api();
  for (const i of numbers) {
    const [contact, event] = [await create(i), await send(i)];
    assert.equal(contact.status, 200, contact.text);
    assert.equal(event.status, 200, event.text);
    assert.equal(contactId(contact), before.get(`contact ${i}`) ?? contactId(contact));
    assert.equal(eventId(event), before.get(`event ${i}`) ?? eventId(event));
  }
  const names = (await api.all('/contact/list')).map((contact) => contact.name);
  assert.deepEqual(names.toSorted(), numbers.map((i) => `Contact ${i}`).toSorted());
  assert.equal((await eventsOf(api, trigger)).length, 60);
});
