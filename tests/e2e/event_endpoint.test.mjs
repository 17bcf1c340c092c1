// The door for events, as a stranger with an HTTP client meets it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startHeldModel, success } from './support/held_model.mjs';
import { exchange } from './support/raw_http.mjs';
import { startServer, useServer } from './support/server.mjs';

const mebibyte = 1024 * 1024;
const stage = useServer();

const eventsOf = async (trigger) => (await stage.api.get('/event/inbox/list', { triggerId: trigger.id })).items;

test('an accepted event is answered exactly as promised', async () => {
  const trigger = await stage.api.createTrigger();
  const reply = await stage.api.send(trigger, { body: '{}' });
  assert.equal(reply.status, 200);
  assert.equal(reply.text, '{"ok":true}');
  assert.match(reply.headers.get('content-type'), /^application\/json/);
  const id = reply.headers.get('x-event-id');
  assert.match(id, /^event_[a-z0-9_]+$/);
  assert.equal(reply.headers.get('location'), `/api/v1/event/inbox/${id}/fetch`);
  const { port } = stage.server;
  const located = await fetch(`http://127.0.0.1:${port}${reply.headers.get('location')}`, {
    headers: { authorization: `Bearer ${stage.server.adminToken}` },
  });
  assert.equal((await located.json()).id, id);
});

test('who may send', async (t) => {
  const { api } = stage;
  const closed = await api.createTrigger();
  const other = await api.createTrigger();
  const open = await api.createTrigger({ authenticate: false });
  assert.match(closed.secret, /^[0-9a-f]{64}$/);
  const secret = closed.secret;
  const cases = [
    ['the secret', closed, `Bearer ${secret}`, 200],
    ['the scheme in lower case', closed, `bearer ${secret}`, 200],
    ['no authorization', closed, undefined, 401],
    ['a wrong secret', closed, `Bearer ${'0'.repeat(64)}`, 401],
    ['the secret in capitals', closed, `Bearer ${secret.toUpperCase()}`, /[a-f]/.test(secret) ? 401 : 200],
    ['a part of the secret', closed, `Bearer ${secret.slice(0, 63)}`, 401],
    ['more than the secret', closed, `Bearer ${secret}0`, 401],
    ['the secret alone', closed, secret, 401],
    ['another scheme', closed, `Basic ${Buffer.from(`x:${secret}`).toString('base64')}`, 401],
    ["another trigger's secret", closed, `Bearer ${other.secret}`, 401],
    ['an API token', closed, `Bearer ${stage.server.adminToken}`, 401],
    ['an empty secret', closed, 'Bearer ', 401],
    ['an open trigger without anything', open, undefined, 200],
    ['an open trigger with a wrong secret', open, 'Bearer wrong', 200],
    ['an open trigger with nonsense', open, 'nonsense', 200],
    ['an unknown trigger', { id: 'trigger_nope' }, `Bearer ${secret}`, 404],
    ['an unknown trigger of the right form', { id: closed.id.slice(0, -4) + 'zzzz' }, undefined, 404],
  ];
  for (const [who, trigger, authorization, status] of cases) {
    await t.test(who, async () => {
      for (const method of ['POST', 'GET']) {
        const headers = authorization === undefined ? {} : { authorization };
        const reply = await api.send({ id: trigger.id }, { method, headers, body: method === 'GET' ? undefined : 'x' });
        assert.equal(reply.status, status, reply.text);
        if (status === 200) continue;
        const { message, code } = JSON.parse(reply.text);
        const expected = status === 401 ? ['Not authenticated', 'NOT_AUTHENTICATED'] : ['Not found', 'NOT_FOUND'];
        assert.deepEqual([message, code], expected);
      }
    });
  }
  assert.equal((await eventsOf(closed)).length, 4, 'what is refused is not kept');
});

test('switching authentication counts from the next request on and keeps the secret', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const stranger = { id: trigger.id };
  const update = (fields) => api.post(`/integration/trigger/${trigger.id}/update`, fields);
  assert.equal((await api.send(stranger, { body: 'x' })).status, 401);
  await update({ authenticate: false });
  assert.equal((await api.send(stranger, { body: 'x' })).status, 200);
  await update({ authenticate: true });
  assert.equal((await api.send(stranger, { body: 'x' })).status, 401);
  assert.equal((await api.send(trigger, { body: 'x' })).status, 200);
});

test('both prefixes and every method of the endpoint', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  for (const prefix of ['/v1', '/api/v1']) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH']) {
      await api.fire(trigger, { prefix, method, body: method === 'GET' ? undefined : 'x' });
    }
  }
  assert.equal((await eventsOf(trigger)).length, 8);

  const head = await api.send(trigger, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  const options = await api.send({ id: trigger.id }, { method: 'OPTIONS' });
  assert.ok([200, 204].includes(options.status));
  assert.equal(options.headers.get('access-control-allow-origin'), '*');
  const wrong = await api.send(trigger, { method: 'DELETE' });
  assert.equal(wrong.status, 405);
  assert.equal(JSON.parse(wrong.text).code, 'METHOD_NOT_ALLOWED');
  assert.match(wrong.headers.get('allow'), /POST/);
  assert.equal((await eventsOf(trigger)).length, 8, 'HEAD, OPTIONS and DELETE fire nothing');
});

test('what the sender must mend is refused and named', async (t) => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const cases = [
    ['a bad e-mail', { query: { 'contact.email': 'not an address' }, body: 'x' }, /email/],
    ['a session beyond 512 bytes', { query: { session: 'é'.repeat(257) }, body: 'x' }, /session/],
    ['a body that is not UTF-8', { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }, /UTF-8/],
    ['a surrogate in UTF-8 clothes', { body: Buffer.from([0xed, 0xa0, 0x80]) }, /UTF-8/],
    ['a key beyond 255 characters', { headers: { 'idempotency-key': 'k'.repeat(256) }, body: 'x' }, /Idempotency-Key/i],
  ];
  for (const [what, options, names] of cases) {
    await t.test(what, async () => {
      const reply = await api.send(trigger, options);
      assert.equal(reply.status, 400, reply.text);
      assert.equal(JSON.parse(reply.text).code, 'BAD_REQUEST');
      assert.match(JSON.parse(reply.text).message, names);
    });
  }
  await t.test('what only looks odd is taken', async () => {
    await api.fire(trigger, { query: { session: 'é'.repeat(256), 'contact.phone': '555-0123', unknown: '1' }, body: '{"broken":' });
    await api.fire(trigger, { query: { 'contact.email': '', session: '  ' }, body: 'x' });
  });
  assert.equal((await eventsOf(trigger)).length, 2);
});

test('the query is read as the contract says', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const url = `/v1/integration/trigger/${trigger.id}/event?session=a+b%20c&session=second&contact.name=Ann+Lee&contact_email=a%40b.example&contact.email=`;
  const reply = await exchange(
    stage.server.port,
    `POST ${url} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${trigger.secret}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`,
  );
  assert.equal(reply.status, 200, reply.text);
  const event = await api.ended(reply.headers['x-event-id']);
  assert.equal(event.session, 'a b c');
  assert.deepEqual(event.contact, { name: 'Ann Lee', email: 'a@b.example', phone: null });
});

test('what is no escape in a query stays as it is, and only what is read must be text', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const fire = (query) => exchange(
    stage.server.port,
    `POST /v1/integration/trigger/${trigger.id}/event?${query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${trigger.secret}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`,
  );
  const taken = await fire('utm=100%&junk=%ff&%zz=1&session=50%25%');
  assert.equal(taken.status, 200, taken.text);
  assert.equal((await api.fetchEvent(taken.headers['x-event-id'])).session, '50%%');
  for (const name of ['session', 'contact.name', 'contact_email', 'contact.phone']) {
    const refused = await fire(`${name}=%ff`);
    assert.equal(refused.status, 400, name);
    assert.match(JSON.parse(refused.text).message, /UTF-8/);
  }
});

test('an accepted event names its readers only to browsers', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const plain = await api.send(trigger, { body: 'x' });
  assert.equal(plain.status, 200);
  assert.equal(plain.headers.get('access-control-allow-origin'), null);
  const browser = await api.send(trigger, { body: 'x', headers: { origin: 'https://shop.example' } });
  assert.equal(browser.headers.get('access-control-allow-origin'), '*');
  assert.match(browser.headers.get('access-control-expose-headers'), /x-event-id/);
});

test('a GET with a body is an event without one', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const reply = await exchange(
    stage.server.port,
    `GET /v1/integration/trigger/${trigger.id}/event HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${trigger.secret}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`,
  );
  assert.equal(reply.status, 200, reply.text);
  assert.equal((await api.fetchEvent(reply.headers['x-event-id'])).body, '');
});

test('a mebibyte is an event, one byte more is not', async () => {
  const { api, server } = stage;
  const trigger = await api.createTrigger();
  const body = 'a'.repeat(mebibyte);
  const event = await api.fetchEvent(await api.fire(trigger, { body }));
  assert.equal(event.bodySize, mebibyte);
  assert.equal(event.body, body);

  const head = `POST /v1/integration/trigger/${trigger.id}/event HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${trigger.secret}\r\nConnection: close\r\n`;
  const size = mebibyte + 1;
  const requests = {
    declared: `${head}Content-Length: ${size}\r\n\r\n${'a'.repeat(size)}`,
    'declared, and not sent': `${head}Content-Length: ${size}\r\n\r\n`,
    chunked: `${head}Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${'a'.repeat(size)}\r\n0\r\n\r\n`,
  };
  for (const [how, request] of Object.entries(requests)) {
    const reply = await exchange(server.port, request);
    assert.equal(reply.status, 413, how);
    assert.match(reply.headers['content-type'], /^application\/json/);
    assert.equal(JSON.parse(reply.text).code, 'CONTENT_TOO_LARGE');
  }
  assert.equal((await eventsOf(trigger)).length, 1);
});

test('who has nothing to send here is told so before the size of the body', async () => {
  const { api, server } = stage;
  const removed = await api.createTrigger();
  await api.call('POST', `/integration/trigger/${removed.id}/delete`, {});
  const head = (id, secret) =>
    `POST /v1/integration/trigger/${id}/event HTTP/1.1\r\nHost: h\r\n` +
    `Authorization: Bearer ${secret}\r\nContent-Length: 9999999\r\n\r\n`;
  assert.equal((await exchange(server.port, head(removed.id, removed.secret))).status, 404);
  assert.equal((await exchange(server.port, head('trigger_nonsense', 'x'))).status, 404);
  const fresh = await api.createTrigger();
  // Nothing is known of it yet, so its secret is looked up first.
  assert.equal((await exchange(server.port, head(fresh.id, 'wrong'))).status, 401);
  assert.equal((await exchange(server.port, head(fresh.id, fresh.secret))).status, 413);
});

test('a repeated Idempotency-Key is the same event', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const fire = (key, body) => api.fire(trigger, { body, headers: { 'idempotency-key': key } });
  const first = await fire('key-1', 'body');
  assert.equal(await fire('key-1', 'body'), first);
  assert.notEqual(await fire('key-2', 'body'), first);
  const reused = await api.send(trigger, { body: 'another', headers: { 'idempotency-key': 'key-1' } });
  assert.equal(reused.status, 422);
  assert.equal(JSON.parse(reused.text).code, 'UNPROCESSABLE_ENTITY');

  const together = await Promise.all(Array.from({ length: 20 }, () => fire('key-3', 'together')));
  assert.equal(new Set(together).size, 1, 'all of them are answered with one event');
  const elsewhere = await api.createTrigger();
  const other = await api.fire(elsewhere, { body: 'body', headers: { 'idempotency-key': 'key-1' } });
  assert.notEqual(other, first, 'a key belongs to its trigger');
  assert.equal((await eventsOf(trigger)).length, 3);

  const plain = await Promise.all([api.fire(trigger, { body: 'twin' }), api.fire(trigger, { body: 'twin' })]);
  assert.notEqual(plain[0], plain[1], 'the body alone never makes a duplicate');
});

test('a trigger takes no more than its rate', async (t) => {
  const config = ['[ingest]', 'trigger_rate = 1', 'trigger_burst = 3'].join('\n');
  const server = await startServer(t, { config });
  const api = server.api();
  const trigger = await api.createTrigger();
  const key = { 'idempotency-key': 'k' };
  const begun = Date.now();
  const first = await api.fire(trigger, { body: 'x', headers: key });
  assert.equal(await api.fire(trigger, { body: 'x', headers: key }), first, 'a repeat, which counts like any other');

  const replies = await Promise.all(Array.from({ length: 40 }, () => api.send(trigger, { body: 'x' })));
  const most = 1 + Math.ceil((Date.now() - begun) / 1_000);
  const taken = replies.filter((reply) => reply.status === 200).length;
  assert.ok(taken >= 1 && taken <= most, `${taken} of at most ${most}`);
  const refused = replies.filter((reply) => reply.status !== 200);
  for (const reply of refused) {
    assert.equal(reply.status, 429);
    assert.equal(JSON.parse(reply.text).code, 'TOO_MANY_REQUESTS');
    assert.equal(reply.headers.get('retry-after'), '1');
  }
  const stranger = await api.send({ id: trigger.id }, { body: 'x' });
  assert.equal(stranger.status, 401, 'who may not send is told so first');
  assert.equal((await api.send(trigger, { query: { 'contact.email': 'x' }, body: 'x' })).status, 400, 'and who must mend it');
  assert.equal((await api.get('/event/inbox/list', { triggerId: trigger.id })).items.length, 1 + taken);
  await api.fire(await api.createTrigger(), { body: 'another trigger has its own' });

  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, new RegExp(`cause="too_many_requests"} ${refused.length}\n`));
});

test('a fetch that waits is answered when the run ends', async (t) => {
  const model = await startHeldModel();
  t.after(() => model.stop());
  const server = await startServer(t, { env: model.environment });
  const api = server.api();
  const trigger = await api.createTrigger({ botId: await api.createBot({ model: 'gpt-5.4' }) });
  const id = await api.fire(trigger, { body: 'x' });
  const held = await model.next();

  assert.equal((await api.fetchEvent(id)).state, 'running');
  assert.equal((await api.fetchEvent(id, { wait: '0' })).state, 'running');
  const begun = Date.now();
  assert.equal((await api.fetchEvent(id, { wait: '1' })).state, 'running');
  assert.ok(Date.now() - begun >= 950, 'it waits as long as it was asked to');
  assert.equal((await api.call('GET', `/event/inbox/${id}/fetch`, { query: { wait: 'long' } })).status, 400);

  let isAnswered = false;
  const waiting = api.fetchEvent(id, { wait: '30' }).then((event) => {
    isAnswered = true;
    return event;
  });
  const run = api.get(`/run/${(await api.fetchEvent(id)).runId}/fetch`, { wait: '30' });
  assert.equal(isAnswered, false);
  held.answer(success);
  const event = await waiting;
  assert.equal(event.state, 'succeeded');
  assert.equal(event.reason, 'done');
  assert.equal((await run).state, 'succeeded');
  assert.ok(Date.now() - begun < 20_000);
});

test('an event is canceled by hand, queued or running', async (t) => {
  const model = await startHeldModel();
  t.after(() => model.stop());
  const server = await startServer(t, { env: model.environment });
  const api = server.api();
  const trigger = await api.createTrigger({ botId: await api.createBot({ model: 'gpt-5.4' }) });
  const running = await api.fire(trigger, { query: { session: 's' }, body: '1' });
  const queued = await api.fire(trigger, { query: { session: 's' }, body: '2' });
  const next = await api.fire(trigger, { query: { session: 's' }, body: '3' });
  const held = await model.next();

  await api.post(`/event/inbox/${queued}/cancel`);
  assert.equal((await api.ended(queued)).state, 'canceled');
  const { runId } = await api.fetchEvent(running);
  await api.post(`/run/${runId}/cancel`);
  assert.equal((await api.ended(running)).state, 'canceled');
  await held.closed;

  const following = await model.next();
  assert.doesNotMatch(JSON.stringify(following.body.messages.at(-1)), /canceled/);
  following.answer(success);
  assert.equal((await api.ended(next)).state, 'succeeded');
});

test('malformed HTTP is refused without harm', async (t) => {
  const { port } = stage.server;
  const cases = {
    'no HTTP at all': 'hello\r\n\r\n',
    'two lengths': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab',
    'a length and chunks': 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
    'a folded header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nConnection: close\r\n\r\n',
    'a space before the colon': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX : a\r\nConnection: close\r\n\r\n',
  };
  for (const [what, request] of Object.entries(cases)) {
    await t.test(what, async () => {
      const reply = await exchange(port, request);
      assert.equal(reply.status, 400, reply.text);
    });
  }
  assert.equal((await fetch(`${stage.server.url}/healthz`)).status, 200);
});
