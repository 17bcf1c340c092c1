import assert from 'node:assert/strict';

import { eventually } from '../../e2e/support/eventually.mjs';
import { asked, hold, retrying, unknownCall } from '../support/pending.ts';
import type { Family, Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';

// A trigger whose one event has run.
async function happen(stage: Stage, body = '{"sku":"A-1"}') {
  const trigger = await stage.api.createTrigger();
  const event = await stage.api.ended(await stage.api.fire(trigger, { body }));
  return { trigger, event: event as { id: string; runId: string; conversationId: string } };
}

const ours = (http: string, why: string, check: Row['check'], more: Partial<Row> = {}): Row => ({ http, standing: 'ours', why, check, ...more });
const inbox = '/event/inbox/{eventId}';
const ofEvent = { foreign: 'NOT_FOUND' } as const;

const jobDone = (stage: Stage, { id }: { id: string }) => eventually('the job is done', async () => {
  const job = await stage.api.get(`/job/${id}/fetch`);
  return job.state === 'done' && job;
});
const ended = async (stage: Stage) => {
  const { trigger, event } = await happen(stage);
  return { trigger, id: event.id, state: 'succeeded' };
};
// What each action leaves of an event: a pending one, or one that has ended when it is about its body.
const bulkEffects: Record<string, (stage: Stage, id: string) => Promise<void>> = {
  replay: async ({ api }, id) => assert.equal((await api.get(`/event/inbox/${id}/fetch`)).replays.length, 1),
  cancel: async ({ api }, id) => assert.equal((await api.get(`/event/inbox/${id}/fetch`)).state, 'canceled'),
  'delete-body': async ({ api }, id) => {
    const { body, bodyRemovedAt } = await api.get(`/event/inbox/${id}/fetch`);
    assert.deepEqual([body, typeof bodyRemovedAt], ['', 'string']);
  },
};

const events: Row[] = [
  ours('GET /event/inbox/count', 'how many events a filter has', async (stage) => {
    const { trigger } = await happen(stage);
    assert.deepEqual(await stage.api.get('/event/inbox/count', { triggerId: trigger.id }), { count: 1, exact: true });
    assert.equal((await stage.api.call('GET', '/event/inbox/count', { query: { state: 'finished' } })).status, 400);
  }),
  ours(`GET ${inbox}/body`, 'the bytes that were sent', async (stage) => {
    const { event } = await happen(stage, 'caf\u00e9');
    const reply = await stage.api.call('GET', `/event/inbox/${event.id}/body`);
    assert.equal(reply.text, 'caf\u00e9');
    assert.match(reply.headers.get('content-disposition') ?? '', /^attachment/);
  }, ofEvent),
  ours(`GET ${inbox}/attempt/list`, 'the attempts of its run', async (stage) => {
    const { event } = await happen(stage);
    const { items } = await stage.api.get(`/event/inbox/${event.id}/attempt/list`);
    assert.deepEqual(items.map((one: { number: number; error: unknown }) => [one.number, one.error]), [[1, null]]);
  }, ofEvent),
  ours(`POST ${inbox}/replay`, 'the same once more, as a new event', async (stage) => {
    const { event } = await happen(stage);
    const { id } = await stage.api.post(`/event/inbox/${event.id}/replay`, { body: 'edited' });
    const again = await stage.api.ended(id);
    assert.deepEqual([again.source, again.replayOf, again.body], ['replay', event.id, 'edited']);
    assert.equal((await stage.api.call('POST', `/event/inbox/${event.id}/replay`, { body: { body: 7 } })).status, 400);
  }, ofEvent),
  ours(`POST ${inbox}/retry`, 'makes a retrying run due at once', async (stage) => {
    const { event } = await happen(stage);
    assert.equal((await stage.api.call('POST', `/event/inbox/${event.id}/retry`, { body: {} })).status, 409, 'it has ended');
    const { id, runId } = await retrying(stage);
    assert.deepEqual(await stage.api.post(`/event/inbox/${id}/retry`), { id });
    await eventually('it is tried again', async () => (await stage.api.get(`/run/${runId}/fetch`)).attempt === 2);
  }, ofEvent),
  ours('GET /event/inbox/rejected/list', 'requests that a trigger refused', async (stage) => {
    const trigger = await stage.api.createTrigger();
    assert.equal((await stage.api.send({ id: trigger.id, secret: missing })).status, 401);
    const query = { triggerId: trigger.id, cause: 'not_authenticated' };
    const [one] = await eventually('it is written', async () => {
      const { items } = await stage.api.get('/event/inbox/rejected/list', query);
      return items.length > 0 && items;
    });
    assert.deepEqual([one.triggerId, one.cause, one.status, one.count], [trigger.id, 'not_authenticated', 401, 1]);
    assert.deepEqual((await stage.api.get('/event/inbox/rejected/list', { ...query, cause: 'too_large' })).items, []);
    assert.equal((await stage.api.call('GET', '/event/inbox/rejected/list', { query: { cause: 'nonsense' } })).status, 400);
  }),
  ...Object.entries(bulkEffects).map(([action, assertDone]) =>
    ours(`POST /event/inbox/bulk/${action}`, 'one action on the events of a filter, as a job', async (stage) => {
      const { trigger, id, state } = await (action === 'delete-body' ? ended(stage) : hold(stage));
      const filter = { triggerId: trigger.id };
      const dry = await stage.api.post(`/event/inbox/bulk/${action}`, { filter, dryRun: true });
      assert.deepEqual([dry.dryRun, dry.count, dry.exact, dry.samples.length], [true, 1, true, 1]);
      assert.equal((await stage.api.get(`/event/inbox/${id}/fetch`)).state, state, 'a dry run does nothing');
      const job = await jobDone(stage, await stage.api.post(`/event/inbox/bulk/${action}`, { filter }));
      assert.deepEqual([job.action, job.done, job.skipped, job.progress], [action, 1, 0, 1]);
      await assertDone(stage, id);
      assert.equal((await stage.api.call('POST', `/event/inbox/bulk/${action}`, { body: {} })).status, 400, 'a filter is needed');
    }, { body: { filter: { state: 'dead' }, dryRun: true } })),
];

const jobs: Row[] = [
  ours('GET /job/list', 'jobs on many events', async (stage) => {
    const job = await stage.api.post('/event/inbox/bulk/cancel', { filter: { state: 'dead' } });
    const { items } = await stage.api.get('/job/list');
    assert.equal(items[0].id, job.id);
  }),
  ours('GET /job/{jobId}/fetch', 'a job with its progress', async (stage) => {
    const { id } = await stage.api.post('/event/inbox/bulk/cancel', { filter: { state: 'dead' } });
    const job = await jobDone(stage, { id });
    assert.deepEqual([job.id, job.action, job.progress, job.filter], [id, 'cancel', 1, { state: 'dead' }]);
    assert.ok(stage.isTime((await stage.sdk.clientFetch(`/api/v1/job/${id}/fetch`, {}) as { createdAt: unknown }).createdAt));
  }, ofEvent),
  ours('POST /job/{jobId}/cancel', 'stops a job where it is', async (stage) => {
    const done = await jobDone(stage, await stage.api.post('/event/inbox/bulk/cancel', { filter: { state: 'dead' } }));
    assert.equal((await stage.api.call('POST', `/job/${done.id}/cancel`, { body: {} })).status, 409, 'it has ended');
    const { trigger } = await hold(stage, 100);
    const stopped = await eventually('a job is stopped before it has ended', async () => {
      const { id } = await stage.api.post('/event/inbox/bulk/delete-body', { filter: { triggerId: trigger.id } });
      return (await stage.api.call('POST', `/job/${id}/cancel`, { body: {} })).status === 200 && id;
    });
    const job = await stage.api.get(`/job/${stopped}/fetch`);
    assert.deepEqual([job.state, typeof job.endedAt], ['canceled', 'string']);
  }, ofEvent),
];

const runs: Row[] = [
  ours('GET /step/{stepId}/fetch', 'one step of a run', async (stage) => {
    const { event } = await happen(stage);
    const { items } = await stage.api.get(`/run/${event.runId}/step/list`);
    assert.deepEqual(await stage.api.get(`/step/${items[0].id}/fetch`), items[0]);
  }, ofEvent),
  ours('POST /step/{stepId}/resolve', 'says what became of a call whose outcome nobody knows', async (stage) => {
    const { runId, stepId } = await unknownCall(stage);
    await stage.api.post(`/step/${stepId}/resolve`, { outcome: 'not_done', note: 'looked' });
    assert.equal((await stage.api.get(`/run/${runId}/fetch`)).unknownOutcomes, 0);
    assert.equal((await stage.api.call('POST', `/step/${stepId}/resolve`, { body: { outcome: 'done' } })).status, 409);
  }, { ...ofEvent, body: { outcome: 'done' } }),
  ours('GET /conversation/{conversationId}/run/list', 'the runs that wrote to a conversation', async (stage) => {
    const { event } = await happen(stage);
    const { items } = await stage.api.get(`/conversation/${event.conversationId}/run/list`);
    assert.deepEqual(items.map((one: { id: string }) => one.id), [event.runId]);
  }),
];

const approvals: Row[] = [
  ours('GET /approval/list', 'the questions that runs wait for', async (stage) => {
    const { id, runId } = await asked(stage.api, { name: stage.unique('question') });
    const { items } = await stage.api.get('/approval/list', { runId, state: 'pending' });
    assert.deepEqual(items.map((one: { id: string }) => one.id), [id]);
  }),
  ours('GET /approval/{approvalId}/fetch', 'one of them', async (stage) => {
    const name = stage.unique('question');
    const { id } = await asked(stage.api, { name });
    const { question, state } = await stage.api.get(`/approval/${id}/fetch`);
    assert.deepEqual([question, state], [name, 'pending']);
  }),
  ours('POST /approval/{approvalId}/decide', 'answers it, once, and lets the run go on', async (stage) => {
    const { id, runId } = await asked(stage.api, { name: stage.unique('question') });
    await stage.api.post(`/approval/${id}/decide`, { approve: true, note: 'go on' });
    assert.equal((await stage.api.get(`/approval/${id}/fetch`)).state, 'approved');
    assert.equal((await stage.api.get(`/run/${runId}/fetch`, { wait: '30' })).state, 'succeeded');
    assert.equal((await stage.api.call('POST', `/approval/${id}/decide`, { body: { approve: true } })).status, 409);
  }, { body: { approve: true } }),
];

const base = '/integration/trigger/{triggerIntegrationId}';
const triggers: Row[] = [
  ours(`POST ${base}/secret/reveal`, 'the secret, on record', async (stage) => {
    const trigger = await stage.api.createTrigger();
    assert.deepEqual(await stage.api.post(`/integration/trigger/${trigger.id}/secret/reveal`), { id: trigger.id, secret: trigger.secret });
  }, { scope: 'secrets:read' }),
  ours(`POST ${base}/pause`, 'holds its runs back', async (stage) => {
    const trigger = await stage.api.createTrigger();
    await stage.api.post(`/integration/trigger/${trigger.id}/pause`);
    assert.equal((await stage.api.get(`/integration/trigger/${trigger.id}/fetch`)).state, 'paused');
    const id = await stage.api.fire(trigger, { body: 'x' });
    assert.equal((await stage.api.get(`/event/inbox/${id}/fetch`)).state, 'queued');
  }),
  ours(`POST ${base}/resume`, 'lets its runs go, in order', async (stage) => {
    const trigger = await stage.api.createTrigger();
    await stage.api.post(`/integration/trigger/${trigger.id}/pause`);
    const id = await stage.api.fire(trigger, { body: 'x' });
    await stage.api.post(`/integration/trigger/${trigger.id}/resume`);
    assert.equal((await stage.api.ended(id)).state, 'succeeded');
  }),
  ours(`GET ${base}/stats`, 'its runs by state, how long they waited and took', async (stage) => {
    const { trigger } = await happen(stage);
    const stats = await stage.api.get(`/integration/trigger/${trigger.id}/stats`);
    assert.deepEqual([stats.total, stats.exact, stats.states.succeeded], [1, true, 1]);
    assert.equal((await stage.api.call('GET', `/integration/trigger/${trigger.id}/stats`, { query: { from: 'yesterday' } })).status, 400);
  }),
  ours(`GET ${base}/usage/fetch`, 'what its events used', async (stage) => {
    const { trigger } = await happen(stage);
    assert.equal((await stage.api.get(`/integration/trigger/${trigger.id}/usage/fetch`)).runs, 1);
  }),
];

const prices: Row[] = [
  ours('POST /usage/price/set', 'what a model costs', async (stage) => {
    const model = stage.unique('model');
    await stage.api.post('/usage/price/set', { model, inputMicros: 3, outputMicros: 9 });
    const { items } = await stage.api.get('/usage/price/list');
    const [price] = items.filter((one: { model: string }) => one.model === model);
    assert.deepEqual([price.inputMicros, price.outputMicros], [3, 9]);
  }, { scope: 'admin', body: { model: 'some', inputMicros: 1, outputMicros: 1 } }),
  ours('GET /usage/price/list', 'the price table', async (stage) => {
    const model = stage.unique('model');
    await stage.api.post('/usage/price/set', { model, inputMicros: 3, cachedInputMicros: 1, outputMicros: 9 });
    const { items } = await stage.api.get('/usage/price/list');
    const { updatedAt, currency, ...price } = items.find((one: { model: string }) => one.model === model);
    assert.deepEqual(price, { model, inputMicros: 3, cachedInputMicros: 1, outputMicros: 9 });
    assert.deepEqual([typeof updatedAt, typeof currency], ['string', 'string']);
  }),
  ours('POST /usage/price/delete', 'takes a model out of the table', async (stage) => {
    const model = stage.unique('model');
    await stage.api.post('/usage/price/set', { model, inputMicros: 3, outputMicros: 9 });
    await stage.api.post('/usage/price/delete', { model });
    assert.equal((await stage.api.call('POST', '/usage/price/delete', { body: { model } })).status, 404);
  }, { scope: 'admin', body: { model: 'some' } }),
];

const personal: Row = ours('POST /contact/{contactId}/secret/{secretId}/update', 'a contact\'s value of a personal secret', async (stage) => {
  const { id: contact } = await stage.sdk.contact.create({});
  const { id: secret } = await stage.sdk.secret.create({ kind: 'personal', type: 'bearer' });
  await stage.api.post(`/contact/${contact}/secret/${secret}/update`, { value: 'theirs' });
  assert.equal((await stage.sdk.contact.secret.verify(contact, secret)).status, 'authenticated');
}, { body: { value: 'theirs' } });

const people: Row[] = [
  ours('POST /contact/merge', 'makes two contacts one', async (stage) => {
    const { sdk, api } = stage;
    const [{ id: fromId }, { id: intoId }] = [await sdk.contact.create({ nick: 'a' }), await sdk.contact.create({})];
    for (const again of ['once', 'twice']) assert.deepEqual(await api.post('/contact/merge', { fromId, intoId }), { id: intoId }, again);
    assert.equal((await sdk.contact.fetch(intoId)).nick, 'a');
    assert.equal((await api.call('POST', '/contact/merge', { body: { fromId: intoId, intoId } })).status, 400);
    assert.equal((await api.call('POST', '/contact/merge', { body: {} })).status, 400);
  }, { body: { fromId: 'a', intoId: 'b' } }),
  ours('POST /contact/{contactId}/erase', 'erases it with its records, in the background; `dryRun` says what it would mean', async (stage) => {
    const { id } = await stage.sdk.contact.create({});
    await stage.sdk.conversation.create({ contactId: id });
    const dry = await stage.api.post(`/contact/${id}/erase`, { dryRun: true });
    assert.deepEqual([dry.dryRun, dry.conversations], [true, 1]);
    assert.equal((await stage.sdk.contact.fetch(id)).id, id);
    assert.equal((await stage.api.post(`/contact/${id}/erase`)).id, id);
  }),
  ours('GET /contact/{contactId}/erase/fetch', 'how far it is, and what was erased', async (stage) => {
    const { id } = await stage.sdk.contact.create({});
    assert.equal((await stage.api.call('GET', `/contact/${id}/erase/fetch`)).status, 404, 'none has begun');
    await stage.api.post(`/contact/${id}/erase`);
    assert.equal((await stage.api.get(`/contact/${id}/erase/fetch`)).id, id);
  }),
];

const transcript: Row = ours('GET /conversation/{conversationId}/export', 'one conversation as a file, JSON Lines or Markdown', async (stage) => {
  const { id } = await stage.sdk.conversation.create({ messages: [{ type: 'user', text: 'Hi' }] });
  const path = `/conversation/${id}/export`;
  const types = (await stage.api.call('GET', path)).text.trim().split('\n').map((line) => JSON.parse(line).type);
  assert.deepEqual(types, ['conversation', 'item']);
  assert.match((await stage.api.call('GET', path, { query: { format: 'markdown' } })).text, /^# Conversation/);
  assert.equal((await stage.api.call('GET', path, { query: { format: 'pdf' } })).status, 400);
});

const system: Row = ours('GET /system/info', 'version, uptime, store and limits', async ({ api }) => {
  const info = await api.get('/system/info');
  assert.match(info.version, /^\d+\.\d+\.\d+/);
  assert.equal(info.store, 'sqlite');
  assert.equal(info.limits.pageItems, 100);
});

export const ourOwn: Family = { name: 'ours, beside the contract', rows: [...events, ...jobs, ...runs, ...approvals, ...triggers, ...prices, personal, ...people, transcript, system] };
