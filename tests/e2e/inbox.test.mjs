// The inbox at work: events that are searched, replayed, held back and refused, on the real server.
import assert from 'node:assert/strict';
import test from 'node:test';

import { eventually } from './support/eventually.mjs';
import { startServer, temporaryFolder } from './support/server.mjs';

// Starts a server on the same data each time.
async function restartable(t) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  let adminToken;
  return async (options = {}) => {
    const server = await startServer(t, { ...options, data: `${folder.path}/data`, ...(adminToken && { adminToken }) });
    adminToken = server.adminToken;
    return server;
  };
}

test('a replay runs anew and is linked to its original both ways', async (t) => {
  const server = await startServer(t);
  const api = server.api();
  const trigger = await api.createTrigger();
  const original = await api.fire(trigger, { query: { session: 's' }, body: '{"order":7}' });
  const first = await api.ended(original);

  const { id, replayOf } = await api.post(`/event/inbox/${original}/replay`, { body: { order: 8 } });
  assert.equal(replayOf, original);
  const replay = await api.ended(id);
  assert.equal(replay.source, 'replay');
  assert.equal(replay.body, '{"order":8}');
  assert.notEqual(replay.runId, first.runId);
  assert.equal(replay.conversationId, first.conversationId, 'it is of the same session');
  assert.deepEqual((await api.fetchEvent(original)).replays, [id]);

  const runs = await api.all(`/conversation/${first.conversationId}/run/list`);
  assert.deepEqual(runs.map((run) => run.eventId), [original, id]);
  const found = await api.get('/event/inbox/list', { 'body.order': '8' });
  assert.deepEqual(found.items.map((event) => event.id), [id]);
  assert.deepEqual(await api.get('/event/inbox/count', { q: 'order' }), { count: 2, exact: true });
  const attempts = await api.all(`/event/inbox/${id}/attempt/list`);
  assert.deepEqual(attempts.map((attempt) => attempt.outcome), ['succeeded']);
});

test('a paused trigger takes events, which run in order after the resume, over a restart', async (t) => {
  const start = await restartable(t);
  const first = await start();
  const api = first.api();
  const trigger = await api.createTrigger();
  const other = await api.createTrigger();
  await api.post(`/integration/trigger/${trigger.id}/pause`);
  const held = [];
  for (let i = 0; i < 3; i += 1) held.push(await api.fire(trigger, { query: { session: 's' }, body: `${i}` }));
  await api.ended(await api.fire(other, { body: 'not held back' }));
  await api.post(`/integration/trigger/${trigger.id}/invoke`);
  assert.equal((await api.get('/event/inbox/count', { triggerId: trigger.id, state: 'queued' })).count, 4);

  await first.stop();
  const second = await start();
  const after = second.api();
  await after.ended(await after.fire(other, { body: 'nor now' }));
  for (const id of held) assert.equal((await after.fetchEvent(id)).state, 'queued');

  await after.post(`/integration/trigger/${trigger.id}/resume`);
  const ended = [];
  for (const id of held) ended.push(await after.ended(id));
  for (let i = 1; i < ended.length; i += 1) {
    assert.ok(ended[i].startedAt >= ended[i - 1].endedAt, 'in the order in which they came');
  }
  const stats = await after.get(`/integration/trigger/${trigger.id}/stats`);
  assert.equal(stats.states.queued + stats.states.running + stats.states.succeeded, 4);
});

test('both secrets are good during a grace, and the old one is refused without one', async (t) => {
  const server = await startServer(t);
  const api = server.api();
  const trigger = await api.createTrigger();
  const status = async (secret) => (await api.send({ id: trigger.id, secret }, { body: 'x' })).status;
  const { secret: second } = await api.post(`/integration/trigger/${trigger.id}/secret/rotate`, { graceMs: 3_600_000 });
  assert.equal(await status(trigger.secret), 200);
  assert.equal(await status(second), 200);
  const { secret: third } = await api.post(`/integration/trigger/${trigger.id}/secret/rotate`);
  assert.equal(await status(trigger.secret), 401);
  assert.equal(await status(second), 401);
  assert.equal(await status(third), 200);
  assert.equal((await api.post(`/integration/trigger/${trigger.id}/secret/reveal`)).secret, third);
  const { items } = await api.get('/event/log/list', { triggerIntegrationId: trigger.id, type: 'integration.trigger.secret.reveal' });
  assert.deepEqual(items.map((item) => typeof item.meta.tokenId), ['string'], 'on record, with whose token');
});

test('a trigger takes as many events a minute as it says', async (t) => {
  const server = await startServer(t);
  const api = server.api();
  const trigger = await api.createTrigger({ rateLimit: 2 });
  await api.fire(trigger, { body: '1' });
  await api.fire(trigger, { body: '2' });
  const refused = await api.send(trigger, { body: '3' });
  assert.equal(refused.status, 429);
  const wait = Number(refused.headers.get('retry-after'));
  assert.ok(wait > 1 && wait <= 30, `it says how long: ${wait}`);
});

test('refused requests are counted with their cause and address, over a restart', async (t) => {
  const start = await restartable(t);
  const first = await start({ config: '[event]\nbody_limit = 1000' });
  const api = first.api();
  const trigger = await api.createTrigger();
  for (let i = 0; i < 25; i += 1) assert.equal((await api.send({ id: trigger.id, secret: 'no' }, { body: 'x' })).status, 401);
  assert.equal((await api.send(trigger, { body: 'x'.repeat(2_000) })).status, 413);
  assert.equal((await api.send(trigger, { query: { 'contact.email': 'x' } })).status, 400);
  await api.fire(trigger, { body: 'fine' });
  await api.send({ id: 'trigger_unknown' }, { body: 'x' });

  const counts = async (client) => {
    const { items } = await client.get('/event/inbox/rejected/list', { triggerId: trigger.id });
    assert.ok(items.every((item) => item.address === '127.0.0.1'));
    return Object.fromEntries(items.map((item) => [item.cause, item.count]));
  };
  const expected = { not_authenticated: 25, too_large: 1, bad_request: 1 };
  await eventually('they are written', async () => Object.keys(await counts(api)).length === 3);
  assert.deepEqual(await counts(api), expected);
  await api.send({ id: trigger.id, secret: 'no' }, { body: 'x' });
  await first.stop();
  const second = await start();
  assert.deepEqual(await counts(second.api()), { ...expected, not_authenticated: 26 }, 'a stop writes the last ones');
});

test('dead letters are replayed by filter, once each, while the server restarts', async (t) => {
  const start = await restartable(t);
  const first = await start();
  const api = first.api();
  const trigger = await api.createTrigger();
  await api.post(`/integration/trigger/${trigger.id}/update`, { botId: null });
  const dead = [];
  for (let i = 0; i < 40; i += 1) dead.push(await api.fire(trigger, { body: `${i}` }));
  for (const id of dead) assert.equal((await api.ended(id)).state, 'dead');

  const dry = await api.post('/event/inbox/bulk/replay', { filter: { state: 'dead' }, dryRun: true });
  assert.equal(dry.count, 40);
  const job = await api.post('/event/inbox/bulk/replay', { filter: { state: 'dead' }, until: dry.until });
  await first.stop();
  const second = await start();
  const after = second.api();
  const done = await eventually('the job is done', async () => {
    const now = await after.get(`/job/${job.id}/fetch`);
    return now.state === 'done' && now;
  });
  assert.equal(done.done, 40);
  for (const id of dead) assert.equal((await after.fetchEvent(id)).replays.length, 1);
});
