import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused } from '../support/requests.ts';
import type { Family, Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const makeBot = async ({ sdk }: Stage) => (await sdk.bot.create({ model: 'builtin/demo' })).id;
const makeTrigger = async (stage: Stage, fields: object = {}) => {
  const made = await stage.sdk.integration.trigger.create({ botId: await makeBot(stage), ...fields });
  return made as { id: string; secret: string };
};

const usualSchedule = {
  scheduleStartAt: null, scheduleEndAt: null, scheduleJitter: null, scheduleCatchUp: 'last', scheduleCatchUpLimit: null,
  scheduleCatchUpWindow: null, scheduleOverlap: 'queue', schedulePauseAfter: null, scheduleBody: null, scheduleSession: null,
  scheduleContact: null, scheduleState: 'active', scheduleError: null,
};

const usual = usualRows({
  base: '/integration/trigger', parameter: 'triggerIntegrationId', sdk: 'integration.trigger',
  client: (sdk) => sdk.integration.trigger,
  sample: { botId: missing },
  least: async (stage: Stage) => ({ botId: await makeBot(stage) }),
  full: async (stage: Stage) => ({
    name: 'Orders', description: 'D', botId: await makeBot(stage), authenticate: false, sessionDuration: 3_600_000, schedule: 'never',
    timezone: 'Europe/Oslo', meta: { a: 1 },
  }),
  // What the server made up is compared elsewhere.
  beside: (_id, given) => ({ alias: null, blueprintId: null, triggerSchedule: given.schedule, lastTriggerAt: null, nextTriggerAt: null,
    deliveryId: null, previousSecretExpiresAt: null, rateLimit: null, state: 'enabled', ...usualSchedule }),
  made: ['secret'],
  createdKeys: ['id', 'secret'],
  hasAlias: true,
  change: { name: 'Renamed', authenticate: true, timezone: 'Asia/Tokyo' },
  refused: async (stage: Stage) => {
    const botId = await makeBot(stage);
    return [
      ['BAD_REQUEST', {}],
      ['BAD_REQUEST', wrong({ botId: null })],
      ['BAD_REQUEST', { botId, schedule: '61 * * * *' }],
      ['BAD_REQUEST', { botId, timezone: 'Mars/Olympus' }],
      ['BAD_REQUEST', { botId, sessionDuration: -1 }],
      ['BAD_REQUEST', { botId, sessionDuration: 2_628_000_001 }],
      ['BAD_REQUEST', { botId, sessionDuration: 1.5 }],
      ['BAD_REQUEST', wrong({ botId, schedule: 'daily', triggerSchedule: 'hourly' })],
      ['BAD_REQUEST', wrong({ botId, authenticate: 'yes' })],
      ['NOT_FOUND', { botId: missing }],
      ['NOT_FOUND', { botId, blueprintId: missing }],
    ];
  },
  notes: {
    create: { standing: 'differs', why: '`botId` is required; the answer has the `secret` too' },
    fetch: { standing: 'differs', why: 'also gives `triggerSchedule`; `secret` is null to tokens without `secrets:read`' },
  },
});

const hasASecretOfItsOwn = async (stage: Stage) => {
  const made = await makeTrigger(stage);
  assert.match(made.secret, /^[0-9a-f]{64}$/);
  const { trigger } = stage.sdk.integration;
  await trigger.update(made.id, wrong({ secret: '0'.repeat(64), authenticate: false }));
  await trigger.update(made.id, { authenticate: true });
  assert.equal((await trigger.fetch(made.id)).secret, made.secret, 'no update changes it');
  assert.equal((await stage.reader.integration.trigger.fetch(made.id)).secret, null);
};

const schedules = async (stage: Stage) => {
  const { trigger } = stage.sdk.integration;
  const { id } = await makeTrigger(stage, { schedule: '0 0 * * *' });
  assert.ok(stage.isTime((await trigger.fetch(id)).nextTriggerAt));
  await trigger.update(id, wrong({ triggerSchedule: null }));
  const { schedule, nextTriggerAt, ...rest } = await trigger.fetch(id);
  assert.deepEqual([schedule, nextTriggerAt, (rest as { triggerSchedule?: unknown }).triggerSchedule], [null, null, null]);
};

const setup: Row = {
  http: 'POST /integration/trigger/{triggerIntegrationId}/setup', sdk: 'integration.trigger.setup(id)',
  standing: 'differs', why: 'checks bot, schedule and timezone: 400 when it cannot run',
  call: (sdk, id) => sdk.integration.trigger.setup(id('triggerIntegrationId')),
  check: async (stage) => {
    const { trigger } = stage.sdk.integration;
    const { id } = await makeTrigger(stage, { schedule: 'daily' });
    const before = await trigger.fetch(id);
    assert.deepEqual(await trigger.setup(id), { id });
    assert.deepEqual(await trigger.setup(id), { id });
    assert.deepEqual(await trigger.fetch(id), before, 'a set-up of what is right changes nothing');
    await trigger.update(id, wrong({ botId: null }));
    const { message } = await assertRefused('BAD_REQUEST', () => trigger.setup(id));
    assert.match(message, /bot/i);
  },
};

const invoke: Row = {
  http: 'POST /integration/trigger/{triggerIntegrationId}/invoke', sdk: 'integration.trigger.invoke(id,req)',
  standing: 'differs', why: 'every call runs, also two in one minute',
  call: (sdk, id) => sdk.integration.trigger.invoke(id('triggerIntegrationId'), {}),
  check: async (stage) => {
    const { trigger } = stage.sdk.integration;
    const { id } = await makeTrigger(stage);
    assert.deepEqual(await trigger.invoke(id, wrong({ anything: 1 })), { id });
    assert.deepEqual(await trigger.invoke(id, {}), { id });
    assert.ok(stage.isTime((await trigger.fetch(id)).lastTriggerAt));
    const { items } = await stage.api.get('/event/inbox/list', { triggerId: id });
    assert.equal(items.length, 2);
  },
};

const ofTheEvent = { standing: 'same', foreign: 'NOT_FOUND' } as const;
const event = (method: 'GET' | 'POST' | 'PUT' | 'PATCH'): Row => ({
  http: `${method} /integration/trigger/{triggerIntegrationId}/event`, ...ofTheEvent, auth: 'its own',
  check: async (stage) => {
    const made = await makeTrigger(stage);
    const body = method === 'GET' ? {} : { body: '{"order":1' };
    const headers = { 'content-type': 'application/json' };
    for (const prefix of ['/v1', '/api/v1']) {
      const reply = await stage.api.send(made, { method, prefix, headers, query: { session: 's', contact_name: 'Ann' }, ...body });
      assert.deepEqual([reply.status, reply.text], [200, '{"ok":true}']);
      const id = reply.headers.get('x-event-id')!;
      assert.equal(reply.headers.get('location'), `/api/v1/event/inbox/${id}/fetch`);
      assert.equal((await stage.api.get(`/event/inbox/${id}/fetch`)).id, id);
    }
    const send = async (trigger: { id: string; secret?: string }, query = {}) =>
      (await stage.api.send(trigger, { method, query, ...body })).status;
    assert.equal(await send({ id: made.id }), 401, 'without the secret');
    assert.equal(await send({ id: made.id, secret: '0'.repeat(64) }), 401);
    assert.equal(await send({ id: made.id, secret: stage.server.adminToken }), 401, "an API token is no trigger's secret");
    assert.equal(await send({ id: missing, secret: made.secret }), 404);
    assert.equal(await send(made, { 'contact.email': 'no address' }), 400);
    assert.equal(await send(made, { session: 's'.repeat(513) }), 400);
    await stage.sdk.integration.trigger.update(made.id, { authenticate: false });
    assert.equal(await send({ id: made.id }), 200, 'an open trigger');
    await stage.sdk.integration.trigger.delete(made.id);
    assert.equal(await send(made), 404, 'a deleted trigger');
  },
});

const rotate: Row = {
  http: 'POST /integration/trigger/{triggerIntegrationId}/secret/rotate', standing: 'ours', why: 'a new secret, the old one for `graceMs` more',
  check: async (stage) => {
    const made = await makeTrigger(stage);
    const fire = async (secret: string) => (await stage.api.send({ id: made.id, secret })).status;
    const rotated = await stage.api.post(`/integration/trigger/${made.id}/secret/rotate`, { graceMs: 60_000 });
    assert.equal(rotated.id, made.id);
    assert.match(rotated.secret, /^[0-9a-f]{64}$/);
    assert.notEqual(rotated.secret, made.secret);
    assert.deepEqual([await fire(made.secret), await fire(rotated.secret)], [200, 200]);
    const again = await stage.api.post(`/integration/trigger/${made.id}/secret/rotate`, { graceMs: 0 });
    assert.deepEqual([await fire(rotated.secret), await fire(again.secret)], [401, 200]);
    const bad = await stage.api.call('POST', `/integration/trigger/${made.id}/secret/rotate`, { body: { graceMs: -1 } });
    assert.equal(bad.status, 400);
  },
};

const preview: Row = {
  http: 'POST /integration/trigger/schedule/preview', standing: 'ours', why: 'a schedule in words, its next times, or what is wrong in it', scope: 'read',
  body: { schedule: 'daily' },
  check: async (stage) => {
    const path = '/integration/trigger/schedule/preview';
    const shown = await stage.api.post(path, { schedule: '0 9 * * mon-fri', timezone: 'Europe/Paris', count: 2 });
    assert.equal(shown.phrase, 'Every weekday at 09:00, Europe/Paris');
    assert.equal(shown.fires.length, 2);
    assert.match(shown.fires[0].local, /^\d{4}-\d\d-\d\dT09:00:00$/);
    assert.match(shown.fires[0].offset, /^\+0[12]:00$/);
    assert.equal(shown.error, null);
    const wrong = await stage.api.post(path, { schedule: '0 25 * * *' });
    assert.deepEqual([wrong.error.position, wrong.error.length, wrong.error.message], [2, 2, 'hour 25 is out of range 0-23']);
    assert.deepEqual(wrong.fires, []);
    assert.equal((await stage.api.call('POST', path, { body: { schedule: 'daily', count: 0 } })).status, 400);
    assert.equal((await stage.api.call('POST', path, { body: {} })).status, 400);
  },
};

const base = '/integration/trigger/{triggerIntegrationId}';
export const triggers: Family = {
  name: 'integration/trigger',
  rows: [
    ...extended(extended(usual, `GET ${base}/fetch`, hasASecretOfItsOwn), `POST ${base}/update`, schedules),
    setup, invoke, event('POST'), event('GET'), event('PUT'), event('PATCH'), rotate, preview,
  ],
};
