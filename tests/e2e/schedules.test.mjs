// Triggers that fire by themselves: once, on time, over crashes, and not while they are paused.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { parseMetrics } from './support/prometheus.mjs';
import { newToken, startServer, temporaryFolder, useServer } from './support/server.mjs';

const stage = useServer();

const inMs = (ms) => new Date(Date.now() + ms).toISOString();
const eventsOf = (api, trigger) => api.all('/event/inbox/list', { triggerId: trigger.id });
const fetchTrigger = (api, { id }) => api.get(`/integration/trigger/${id}/fetch`);

const firstEvent = (api, trigger) =>
  eventually('it fires', async () => (await eventsOf(api, trigger))[0]);

// Whose own occurrence fires after all that were due before it.
async function sentinel(api) {
  const trigger = await api.createTrigger({ schedule: inMs(100) });
  return firstEvent(api, trigger);
}

test('a schedule fires once, on time, and its run is like any other', async () => {
  const { api } = stage;
  const schedule = inMs(800);
  const trigger = await api.createTrigger({ schedule });
  assert.equal((await fetchTrigger(api, trigger)).nextTriggerAt, schedule);

  const event = await firstEvent(api, trigger);
  assert.equal(event.source, 'schedule');
  assert.equal(event.scheduledAt, schedule);
  const late = Date.parse(event.receivedAt) - Date.parse(event.scheduledAt);
  assert.ok(late >= 0 && late < 1_000, `it was ${late} ms late`);

  const ended = await api.ended(event.id);
  assert.equal(ended.state, 'succeeded');
  assert.equal(ended.body, JSON.stringify({ type: 'invoke', reason: `scheduled to run ${schedule}` }));
  const after = await fetchTrigger(api, trigger);
  assert.equal(after.lastTriggerAt, event.receivedAt);
  assert.equal(after.nextTriggerAt, null);
  await sentinel(api);
  assert.equal((await eventsOf(api, trigger)).length, 1);
});

test('an occurrence sends the body, session and contact of its trigger', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger({
    schedule: inMs(300),
    scheduleBody: 'Write the report.',
    scheduleSession: 'reports',
    scheduleContact: { name: 'Ann', email: 'ann.schedule@example.com' },
  });
  const event = await api.ended((await firstEvent(api, trigger)).id);
  assert.equal(event.body, 'Write the report.');
  assert.equal(event.session, 'reports');
  const [contact] = (await api.get('/contact/list', { email: 'ann.schedule@example.com' })).items;
  assert.equal(contact.name, 'Ann');
});

test('a paused trigger does not fire, and makes nothing up when it is resumed', async () => {
  const { api } = stage;
  const schedule = inMs(400);
  const paused = await api.createTrigger({ schedule });
  await api.post(`/integration/trigger/${paused.id}/pause`);
  assert.equal((await fetchTrigger(api, paused)).nextTriggerAt, null);
  const other = await api.createTrigger({ schedule: inMs(600) });
  await firstEvent(api, other);
  await api.post(`/integration/trigger/${paused.id}/resume`);
  await firstEvent(api, await api.createTrigger({ schedule: inMs(200) }));
  assert.deepEqual(await eventsOf(api, paused), []);
});

test('a run that fails pauses the schedule, and its owner reads why', async () => {
  const { api } = stage;
  const hour = 3_600_000;
  const trigger = await api.createTrigger({
    schedule: 'hourly',
    scheduleStartAt: inMs(500 - hour),
    schedulePauseAfter: 1,
  });
  // Without a bot no attempt can help.
  await api.post(`/integration/trigger/${trigger.id}/update`, { botId: null });
  const event = await api.ended((await firstEvent(api, trigger)).id);
  assert.equal(event.state, 'dead');
  const paused = await eventually('the schedule is paused', async () => {
    const found = await fetchTrigger(api, trigger);
    return found.scheduleState === 'paused' && found;
  });
  assert.equal(paused.scheduleError, 'paused: the last scheduled run did not succeed');
  assert.equal(paused.nextTriggerAt, null);
  const entries = await api.all('/event/log/list', { type: 'integration.trigger.schedule.pause' });
  assert.deepEqual(entries.map((entry) => entry.triggerIntegrationId), [trigger.id]);

  await api.post(`/integration/trigger/${trigger.id}/resume`);
  const resumed = await fetchTrigger(api, trigger);
  assert.equal(resumed.scheduleState, 'active');
  assert.equal(Date.parse(resumed.nextTriggerAt), Date.parse(event.scheduledAt) + hour);
});

test('what was due while nobody was there fires once, late, after the restart', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const options = { data: path.join(folder.path, 'data'), adminToken: newToken() };
  const first = await startServer(t, options);
  const schedule = inMs(2_500);
  const trigger = await first.api().createTrigger({ schedule, scheduleCatchUp: 'none' });
  first.signal('SIGKILL');
  await first.ended();
  assert.ok(Date.now() < Date.parse(schedule), 'the first life ended before it was due');
  await eventually('its time is over', () => Date.now() > Date.parse(schedule));

  const startedAt = new Date().toISOString();
  for (const life of ['second', 'third']) {
    const server = await startServer(t, options);
    const api = server.api();
    const event = await firstEvent(api, trigger);
    await sentinel(api);
    const events = await eventsOf(api, trigger);
    assert.deepEqual(events.map(({ id }) => id), [event.id], `${life} life: once`);
    assert.equal(event.scheduledAt, schedule);
    assert.ok(event.receivedAt >= startedAt, `${life} life: it fired in the second`);
    server.signal('SIGKILL');
    await server.ended();
  }
});

test('schedules are counted', async () => {
  const { api, server } = stage;
  await api.createTrigger({ schedule: '0 0 1 1 *' });
  const families = parseMetrics(await (await fetch(`${server.url}/metrics`)).text());
  assert.ok(families.bellpull_schedules.samples[0].value >= 1);
  assert.ok(families.bellpull_schedule_fired_total.samples[0].value >= 1);
});
