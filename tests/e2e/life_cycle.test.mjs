// Starting, stopping and dying, with work going on: nothing is lost, nothing is done twice.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { startHeldModel, success } from './support/held_model.mjs';
import { newToken, run, startServer, temporaryFolder } from './support/server.mjs';
import { postAbility, startSink } from './support/sink.mjs';
import { activities, inShort, incomingEvents, outcomes } from './support/transcript.mjs';

// A model that answers when told, a sink, and servers one after the other on one data directory.
async function stageFor(t) {
  const model = await startHeldModel();
  t.after(() => model.stop());
  const sink = await startSink();
  t.after(() => sink.stop());
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const config = ['[egress]', `allow = ["${sink.host}"]`, '[retry]', 'first_delay = "100ms"'].join('\n');
  let adminToken = newToken();
  return {
    model,
    sink,
    data,
    start: async (args = [], options = {}) => {
      const server = await startServer(t, { data, config, env: model.environment, args, adminToken, ...options });
      return { server, api: server.api() };
    },
  };
}

async function stopped(server, within) {
  server.signal('SIGTERM');
  return server.ended(within);
}

const furnish = async (api, sink) => {
  const skillsetId = await api.createSkillset([postAbility(sink, 'look_up', '/orders', 'order_id')]);
  return api.createTrigger({ botId: await api.createBot({ model: 'gpt-5.4', skillsetId }) });
};

test('a stop waits for what is running', async (t) => {
  const { model, sink, start } = await stageFor(t);
  const first = await start();
  const trigger = await furnish(first.api, sink);
  const id = await first.api.fire(trigger, { query: { session: 's' }, body: '1' });
  const waiting = await first.api.fire(trigger, { query: { session: 's' }, body: '2' });
  const held = await model.next();

  first.server.signal('SIGTERM');
  await eventually('it closes its door', () => fetch(`${first.server.url}/healthz`).then(() => false, () => true));
  assert.ok(held.isOpen, 'the run goes on');
  held.answer(success);
  assert.equal((await first.server.ended()).code, 0);
  assert.equal(model.requests.length, 1, 'no new run begins');

  const { api } = await start();
  (await model.next()).answer(success);
  assert.equal((await api.ended(waiting)).state, 'succeeded');
  const event = await api.fetchEvent(id);
  assert.equal(event.state, 'succeeded');
  assert.equal(event.attempt, 1);
});

test('a run that outlasts the grace is handed back and resumes where it was', async (t) => {
  const { model, sink, start } = await stageFor(t);
  const first = await start(['--grace', '200ms']);
  const trigger = await furnish(first.api, sink);
  const id = await first.api.fire(trigger, { body: '{"order_id":"17"}' });
  (await model.next()).answer({ content: 'Let me see.', calls: [['look_up', { order_id: '17' }]] });
  const cut = await model.next();
  assert.equal(sink.requests.length, 1);

  assert.equal((await stopped(first.server)).code, 0);
  await cut.closed;

  const { api } = await start();
  const resumed = await model.next();
  assert.deepEqual(resumed.body.messages, cut.body.messages, 'it asks what it asked before');
  resumed.answer(success);
  const event = await api.ended(id);
  assert.equal(event.state, 'succeeded');
  assert.equal(event.attempt, 1, 'an interruption is no attempt');
  assert.equal(sink.requests.length, 1, 'the call is not made again');
  const messages = await api.messages(event.conversationId);
  assert.deepEqual(messages.map(inShort), [
    'instruction',
    'request _getIncomingEvent', 'response _getIncomingEvent',
    'request _getTriggerDetails', 'response _getTriggerDetails',
    'bot', 'request look_up', 'response look_up',
    'request _checkTriggerRunStatus', 'response _checkTriggerRunStatus',
  ]);
  const steps = await api.steps(event.runId);
  assert.equal(new Set(steps.map((step) => step.number)).size, steps.length);
});

test('a call that a stop cuts off is not silently made again', async (t) => {
  const { model, start } = await stageFor(t);
  const asked = [];
  let isSilent = true;
  const peer = http.createServer((request, response) => {
    asked.push(request.method);
    if (!isSilent) response.end('here');
  });
  await new Promise((resolve) => peer.listen(0, '127.0.0.1', resolve));
  t.after(() => peer.close());
  const host = `127.0.0.1:${peer.address().port}`;
  const config = ['[egress]', `allow = ["${host}"]`].join('\n');
  const first = await start(['--grace', '200ms'], { config });
  const ability = (name, method) => ({ name, description: name, instruction: ['```fetch/timeout=60000', `${method} http://${host}/`, '```'].join('\n') });
  const skillsetId = await first.api.createSkillset([ability('read', 'GET'), ability('pay', 'POST')]);
  const trigger = await first.api.createTrigger({ botId: await first.api.createBot({ model: 'gpt-5.4', skillsetId }) });
  const id = await first.api.fire(trigger, { body: 'x' });
  (await model.next()).answer({ calls: [['read', {}], ['pay', {}]] });
  await eventually('both calls are on their way', () => asked.length === 2);

  assert.equal((await stopped(first.server)).code, 0);
  isSilent = false;
  const { api } = await start([], { config });

  const second = await model.next();
  const results = second.body.messages.filter((message) => message.role === 'tool').slice(-2);
  assert.equal(results.filter((message) => /outcome_unknown/.test(message.content)).length, 1, 'the model is told of the other');
  second.answer(success);
  const event = await api.ended(id);
  assert.equal(event.state, 'succeeded');
  assert.deepEqual(asked.toSorted(), ['GET', 'GET', 'POST'], 'only the harmless call is made again');
  const [paid] = activities(await api.messages(event.conversationId), 'response', 'pay');
  assert.match(JSON.stringify(paid.result), /outcome_unknown/);
});

test('a second signal ends the server at once, and what it did is still there', async (t) => {
  const { model, sink, start } = await stageFor(t);
  const first = await start(['--grace', '30s']);
  const trigger = await furnish(first.api, sink);
  const id = await first.api.fire(trigger, { body: 'x' });
  await model.next();

  first.server.signal('SIGTERM');
  await eventually('the stop has begun', () => /stopping/.test(first.server.log));
  const begun = Date.now();
  const end = await stopped(first.server, 5_000);
  assert.ok(Date.now() - begun < 2_000);
  assert.notEqual(end.code, 0);

  const { api } = await start();
  (await model.next()).answer(success);
  const event = await api.ended(id);
  assert.equal(event.state, 'succeeded');
  assert.equal(incomingEvents(await api.messages(event.conversationId)).length, 1);
});

test('what was acknowledged survives kill -9, and is done once', async (t) => {
  const { model, sink, start } = await stageFor(t);
  const first = await start();
  const trigger = await furnish(first.api, sink);
  const demo = await first.api.createTrigger();
  const keyed = await first.api.fire(demo, { body: 'keyed', headers: { 'idempotency-key': 'k' } });
  const id = await first.api.fire(trigger, { body: '{"order_id":"17"}' });
  (await model.next()).answer({ calls: [['look_up', { order_id: '17' }]] });
  await model.next();
  const acknowledged = [];
  const sending = Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const reply = await first.api.send(demo, { body: `event ${i}` }).catch(() => null);
    if (reply?.status === 200) acknowledged.push([reply.headers.get('x-event-id'), `event ${i}`]);
    if (acknowledged.length === 20) first.server.signal('SIGKILL');
  }));
  await sending;
  await first.server.ended();
  assert.ok(acknowledged.length >= 20);

  const { api } = await start();
  assert.equal(await api.fire(demo, { body: 'keyed', headers: { 'idempotency-key': 'k' } }), keyed);
  for (const [eventId, body] of acknowledged) {
    const event = await api.ended(eventId);
    assert.equal(event.state, 'succeeded', event.error);
    assert.equal(event.body, body);
    const messages = await api.messages(event.conversationId);
    assert.equal(incomingEvents(messages).length, 1);
    assert.equal(outcomes(messages).length, 1);
  }
  (await model.next()).answer(success);
  const event = await api.ended(id);
  assert.equal(event.state, 'succeeded', event.error);
  assert.equal(sink.requests.length, 1, 'a recorded call is not made again');
});

test('after a restart, a new event stands behind the older ones of its session', async (t) => {
  const { start } = await stageFor(t);
  const first = await start(['--workers', '0']);
  const trigger = await first.api.createTrigger();
  const bodies = Array.from({ length: 60 }, (_, i) => `event ${i}`);
  const query = { session: 's' };
  for (const body of bodies) await first.api.fire(trigger, { query, body });
  const { items } = await first.api.get('/event/inbox/list', { state: 'queued', triggerId: trigger.id });
  assert.equal(items.length, bodies.length, 'without workers, events are kept and wait');
  assert.equal((await stopped(first.server)).code, 0);

  const { api } = await start();
  const last = await api.ended(await api.fire(trigger, { query, body: 'the newcomer' }));
  const told = incomingEvents(await api.messages(last.conversationId)).map((event) => event.body);
  assert.deepEqual(told, [...bodies, 'the newcomer']);
});

test('a second server on the same data directory is refused; the first goes on', async (t) => {
  const { data, start } = await stageFor(t);
  const { api } = await start();
  const second = await run(['serve', '--listen', '127.0.0.1:0', '--data', data]);
  assert.notEqual(second.code, 0);
  assert.doesNotMatch(second.stdout, /listening/);
  assert.match(second.stderr, /^error: /m);
  assert.ok(second.stderr.includes(data), second.stderr);
  await api.get('/bot/list');
});

test('a port that is taken is an error that names it', async (t) => {
  const { start } = await stageFor(t);
  const { server } = await start();
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const second = await run(['serve', '--listen', `127.0.0.1:${server.port}`, '--data', path.join(folder.path, 'data')]);
  assert.notEqual(second.code, 0);
  assert.ok(second.stderr.includes(String(server.port)), second.stderr);
});

test('an administrator token counts on an empty data directory only', async (t) => {
  const { start } = await stageFor(t);
  const first = await start();
  const original = first.server.adminToken;
  assert.equal((await stopped(first.server)).code, 0);
  const other = newToken();
  const second = await start([], { adminToken: other });
  assert.equal((await second.server.api(other).call('GET', '/bot/list')).status, 401);
  await second.server.api(original).get('/bot/list');
  assert.match(second.server.log, /BELLPULL_ADMIN_TOKEN/);
});

test('without an administrator token one is made and shown once', async (t) => {
  const { start } = await stageFor(t);
  const first = await start([], { adminToken: null });
  const token = await eventually('the token is shown', () => /\bsk-[0-9a-f]{64}\b/.exec(first.server.stdout)?.[0]);
  first.server.protect(token);
  await first.server.api(token).get('/bot/list');
  assert.equal((await stopped(first.server)).code, 0);
  const second = await start([], { adminToken: null });
  second.server.protect(token);
  await second.server.api(token).get('/bot/list');
  assert.doesNotMatch(second.server.stdout, /sk-/);
});

test('what is configured survives a restart', async (t) => {
  const { start } = await stageFor(t);
  const first = await start();
  const trigger = await first.api.createTrigger({ alias: 'orders' });
  const before = await first.api.get(`/integration/trigger/${trigger.id}/fetch`);
  const event = await first.api.ended(await first.api.fire(trigger, { query: { session: 's' }, body: '1' }));
  assert.equal((await stopped(first.server)).code, 0);

  const { api } = await start();
  assert.deepEqual(await api.get('/integration/trigger/@orders/fetch'), before);
  const after = await api.ended(await api.fire(trigger, { query: { session: 's' }, body: '2' }));
  assert.equal(after.conversationId, event.conversationId, 'the session goes on');
});

test('an idle server stops at once', async (t) => {
  const { start } = await stageFor(t);
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const { server } = await start();
    const begun = Date.now();
    server.signal(signal);
    assert.equal((await server.ended()).code, 0);
    assert.ok(Date.now() - begun < 2_000);
  }
});

test('a server whose output nobody reads goes on, and stops well', async (t) => {
  const { start } = await stageFor(t);
  const { server, api } = await start(['--log-level', 'debug']);
  server.closeOutput();
  const trigger = await api.createTrigger();
  assert.equal((await api.ended(await api.fire(trigger, { body: 'x' }))).state, 'succeeded');
  assert.deepEqual(await stopped(server), { code: 0, signal: null });
});
