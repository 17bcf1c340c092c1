import assert from 'node:assert/strict';

import { hold } from '../support/pending.ts';
import { collect } from '../support/requests.ts';
import type { Family, Row } from '../support/row.ts';
import type { Stage } from '../support/stage.ts';

// A trigger whose one event has run.
async function happen(stage: Stage) {
  const trigger = await stage.api.createTrigger();
  const eventId = await stage.api.fire(trigger, { body: 'x' });
  const event = await stage.api.ended(eventId);
  return { trigger, event: event as { id: string; runId: string; conversationId: string } };
}

const log: Row[] = [
  {
    http: 'GET /event/log/list', sdk: 'event.log.list(req?)', standing: 'same', why: 'without the ids of integrations that are not built',
    call: (sdk) => sdk.event.log.list(),
    check: async (stage) => {
      const { sdk } = stage;
      const { id: botId } = await sdk.bot.create({});
      const { items } = await sdk.event.log.list({ botId } as object);
      assert.deepEqual(items.map((one) => one.type), ['bot.create']);
      const [item] = items;
      assert.equal(item!.botId, botId);
      assert.ok(stage.isTime(item!.createdAt));
      for (const name of ['conversationId', 'contactId', 'blueprintId', 'datasetId', 'recordId', 'skillsetId', 'abilityId', 'fileId', 'secretId', 'triggerIntegrationId']) {
        assert.equal((item as Record<string, unknown>)[name], null, name);
      }
      await sdk.bot.delete(botId);
      const after = (await sdk.event.log.list({ botId } as object)).items.map((one) => one.type);
      assert.deepEqual(after, ['bot.delete', 'bot.create'], 'entries stay when their bot goes');
      assert.deepEqual((await sdk.event.log.list({ botId, type: 'bot.delete' } as object)).items.length, 1);
      assert.equal((await collect(sdk.event.log.list({ botId } as object).stream())).length, 2);
      const { trigger } = await happen(stage);
      const types = (await sdk.event.log.list({ triggerIntegrationId: trigger.id } as object)).items.map((one) => one.type);
      for (const type of ['integration.trigger.create', 'integration.trigger.event', 'integration.trigger.interact']) assert.ok(types.includes(type), type);
    },
  },
  {
    http: 'GET /event/log/export', sdk: 'event.log.export(req?)', standing: 'same',
    call: (sdk) => sdk.event.log.export(),
    check: async ({ sdk, api }) => {
      const { id: botId } = await sdk.bot.create({});
      const lines = (await collect(sdk.event.log.export({ botId } as object).stream())) as { type: string; data: { botId?: string } }[];
      assert.deepEqual(lines.map((line) => line.data.botId), [botId]);
      const csv = await api.call('GET', '/event/log/export', { query: { botId }, headers: { accept: 'text/csv' } });
      assert.match(csv.text, /"bot\.create"/);
    },
  },
  {
    http: 'POST /event/log/subscribe', sdk: 'event.log.subscribe(req?)', standing: 'same', scope: 'read',
    call: async (sdk) => {
      const { signal, abort } = stopper();
      const response = await sdk.event.log.subscribe({}).getRequest({ headers: { Accept: 'application/jsonl' }, abortSignal: signal });
      abort();
      return response.status;
    },
    check: async (stage) => {
      const { signal, abort } = stopper();
      const stream = stage.sdk.event.log.subscribe({ historyLength: 1 }).stream({ abortSignal: signal });
      const { id: botId } = await stage.sdk.bot.create({});
      for await (const line of stream as AsyncIterable<{ type: string; data: { botId?: string } }>) {
        if (line.type === 'item' && line.data.botId === botId) break;
      }
      abort();
    },
  },
];

function stopper() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const guessable = { standing: 'ours', foreign: 'NOT_FOUND' } as const;
const inbox: Row[] = [
  {
    http: 'GET /event/inbox/list', standing: 'ours', why: 'events, newest first; filters `triggerId`, `conversationId`, `state`',
    check: async (stage) => {
      const { trigger, event } = await happen(stage);
      const ids = async (query: Record<string, string>) =>
        (await stage.api.get('/event/inbox/list', query)).items.map((one: { id: string }) => one.id);
      assert.deepEqual(await ids({ triggerId: trigger.id }), [event.id]);
      assert.deepEqual(await ids({ conversationId: event.conversationId }), [event.id]);
      assert.deepEqual(await ids({ triggerId: trigger.id, state: 'dead' }), []);
      assert.equal((await stage.api.call('GET', '/event/inbox/list', { query: { state: 'nonsense' } })).status, 400);
    },
  },
  {
    http: 'GET /event/inbox/{eventId}/fetch', ...guessable, why: 'one event, with its body; `?wait=30` waits up to 30 s for its run to end',
    check: async (stage) => {
      const { event } = await happen(stage);
      const fetched = await stage.api.get(`/event/inbox/${event.id}/fetch`);
      assert.deepEqual([fetched.id, fetched.body, fetched.state], [event.id, 'x', 'succeeded']);
    },
  },
  { http: 'POST /event/inbox/{eventId}/cancel', ...guessable, why: 'ends its pending run', check: (stage) => cancels(stage, 'event/inbox', 'id') },
  {
    http: 'GET /run/{runId}/fetch', ...guessable, why: 'the run; `?wait=30` waits for its end',
    check: async (stage) => {
      const { event } = await happen(stage);
      assert.equal((await stage.api.get(`/run/${event.runId}/fetch`)).id, event.runId);
    },
  },
  { http: 'POST /run/{runId}/cancel', ...guessable, why: 'ends it', check: (stage) => cancels(stage, 'run', 'runId') },
  {
    http: 'GET /run/{runId}/step/list', ...guessable, why: 'its journal, oldest first',
    check: async (stage) => {
      const { event } = await happen(stage);
      const { items } = await stage.api.get(`/run/${event.runId}/step/list`);
      assert.ok(items.length >= 3);
    },
  },
];

// What waits is ended; what has ended can't be.
async function cancels(stage: Stage, kind: string, key: 'id' | 'runId') {
  const held = await hold(stage);
  assert.equal((await stage.api.post(`/${kind}/${held[key]}/cancel`)).id, held[key]);
  assert.equal((await stage.api.get(`/run/${held.runId}/fetch`)).state, 'canceled');
  const { event } = await happen(stage);
  assert.equal((await stage.api.call('POST', `/${kind}/${event[key]}/cancel`, { body: {} })).status, 409);
}

export const events: Family = { name: 'event log, events, runs', rows: [...log, ...inbox] };
