// The command line for people who write schedules: set how they fire, see it, pause and resume.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { run, useServer } from './support/server.mjs';

const stage = useServer();

const bellpull = (...words) =>
  run(words, { env: { BELLPULL_URL: stage.server.url, BELLPULL_TOKEN: stage.server.adminToken } });
const fetchTrigger = ({ id }) => stage.api.get(`/integration/trigger/${id}/fetch`);

test('every policy can be set, seen and taken away', async () => {
  const trigger = await stage.api.createTrigger({ schedule: 'hourly' });
  const options = {
    '--tz': 'Europe/Oslo',
    '--start': '2030-07-01T09:00',
    '--end': '2030-08-01',
    '--jitter': '5m',
    '--catch-up': 'all',
    '--catch-up-limit': '7',
    '--catch-up-window': '6h',
    '--overlap': 'skip',
    '--pause-after': '3',
    '--body': 'Write the report.',
    '--session': 'reports',
    '--contact-name': 'Ann',
    '--contact-email': 'ann.cli@example.com',
  };
  const words = Object.entries(options).flat();
  const set = await bellpull('trigger', 'schedule', trigger.id, ...words, '--json');
  assert.equal(set.code, 0, set.stderr);
  const shown = JSON.parse(set.stdout);
  assert.equal(shown.anchor, '2030-07-01T07:00:00.000Z', 'nine in Oslo');
  const kept = await fetchTrigger(trigger);
  assert.equal(shown.fires[0].firesAt, kept.nextTriggerAt, 'what is shown is what happens');
  assert.equal(kept.scheduleEndAt, '2030-07-31T22:00:00.000Z');
  assert.equal(kept.scheduleJitter, 300_000);
  assert.equal(kept.scheduleCatchUpWindow, 21_600_000);
  assert.equal(kept.schedulePauseAfter, 3);
  assert.deepEqual(kept.scheduleContact, { name: 'Ann', email: 'ann.cli@example.com', phone: null });

  const got = await bellpull('trigger', 'get', trigger.id);
  for (const line of ['scheduleState\tactive', 'scheduleCatchUp\tall', 'scheduleOverlap\tskip', 'state\tenabled']) {
    assert.ok(got.stdout.includes(`${line}\n`), `${line}: ${got.stdout}`);
  }

  const clearable = Object.keys(options).filter((name) => !['--catch-up', '--overlap'].includes(name));
  const cleared = await bellpull('trigger', 'schedule', trigger.id, ...clearable.flatMap((name) => [name, 'none']));
  assert.equal(cleared.code, 0, cleared.stderr);
  const empty = await fetchTrigger(trigger);
  for (const name of ['timezone', 'scheduleStartAt', 'scheduleEndAt', 'scheduleJitter', 'scheduleCatchUpLimit',
    'scheduleCatchUpWindow', 'schedulePauseAfter', 'scheduleBody', 'scheduleSession', 'scheduleContact']) {
    assert.equal(empty[name], null, name);
  }
});

test('a trigger is paused and resumed', async () => {
  const trigger = await stage.api.createTrigger({ schedule: 'hourly' });
  assert.equal((await bellpull('trigger', 'pause', trigger.id)).code, 0);
  assert.equal((await fetchTrigger(trigger)).state, 'paused');
  const shown = JSON.parse((await bellpull('trigger', 'schedule', trigger.id, '--json')).stdout);
  assert.equal(shown.state, 'paused');
  assert.match(shown.note, /paused: it does not fire until it is resumed/);
  assert.equal((await bellpull('trigger', 'resume', trigger.id)).code, 0);
  assert.equal((await fetchTrigger(trigger)).state, 'enabled');
});

test('what to try after a refusal is what was meant', async () => {
  const trigger = await stage.api.createTrigger({ schedule: 'hourly' });
  const refused = await bellpull('trigger', 'schedule', trigger.id, '0 22-6/2 ? * mno', '--timezone', 'Europe/Osloo');
  assert.equal(refused.code, 6);
  assert.match(refused.stderr, /--tz Europe\/Oslo --preview 5/);
  const other = await bellpull('trigger', 'schedule', trigger.id, '0 22-6/2 ? * *');
  assert.ok(other.stderr.includes(`bellpull trigger schedule ${trigger.id} "0 22,0-6/2 * * *" --preview 5`), other.stderr);
  assert.equal((await fetchTrigger(trigger)).schedule, 'hourly', 'nothing was set');
});
