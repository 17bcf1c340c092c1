// Abilities tried out by hand, and calls whose outcome nobody knows.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { useServer } from './support/server.mjs';
import { postAbility, startSink } from './support/sink.mjs';

let sink;
const stage = useServer(async () => {
  sink = await startSink();
  return { args: ['--egress-allow', sink.host] };
});
after(() => sink.stop());

// The skillset of one ability, and where that is tried out.
async function addAbility(api, ability) {
  const skillsetId = await api.createSkillset([ability]);
  const { items } = await api.get(`/skillset/${skillsetId}/ability/list`);
  return { skillsetId, path: `/skillset/${skillsetId}/ability/${items[0].id}/execute` };
}

test('an ability is tried out with the key of the caller', async () => {
  const { api } = stage;
  const { path } = await addAbility(api, postAbility(sink, 'order', '/orders', 'sku'));
  const reply = await api.call('POST', path, { body: { input: 'sku: A-7' }, headers: { 'idempotency-key': 'by-hand' } });
  assert.equal(reply.status, 200);
  assert.deepEqual(reply.body.result.body, { received: '/orders' });
  const [order] = sink.at('/orders');
  assert.deepEqual(JSON.parse(order.body), { sku: 'A-7' });
  assert.equal(order.headers['idempotency-key'], 'by-hand');
  assert.equal((await api.get('/event/log/list', { type: 'action.fetch' })).items.length, 1);
});

test('a client that goes away ends its call', async () => {
  const { api, server } = stage;
  const { path } = await addAbility(api, { name: 'wait', instruction: `\`\`\`fetch/timeout=60000\n${sink.url}/slow\n\`\`\`` });
  let isCut = false;
  sink.keepSilent('/slow', (socket) => socket.on('close', () => { isCut = true; }));
  const leave = new AbortController();
  const call = fetch(`${server.url}/api/v1${path}`, {
    method: 'POST', headers: { authorization: `Bearer ${server.adminToken}` }, signal: leave.signal,
  });
  await eventually('the call is made', () => sink.at('/slow').length === 1);
  leave.abort();
  await assert.rejects(call);
  await eventually('the call is cut off', () => isCut);
});

test('a POST whose reply never comes is an unknown outcome until a person says what became of it', async () => {
  const { api } = stage;
  const { skillsetId } = await addAbility(api, postAbility(sink, 'pay', '/pay', 'order'));
  const trigger = await api.createTrigger({ botId: await api.createBot({ skillsetId }) });
  sink.keepSilent('/pay', (socket) => socket.destroy());
  const event = await api.ended(await api.fire(trigger, { query: { session: 's' }, body: '{"order":"A-7"}' }));
  assert.equal(sink.at('/pay').length, 1, 'it is not sent again');

  const run = await api.get(`/run/${event.runId}/fetch`);
  assert.equal(run.unknownOutcomes, 1);
  const [unknown] = run.unknownCalls;
  assert.deepEqual(unknown.arguments, { order: 'A-7' });
  assert.equal((await api.get('/event/inbox/list', { unknownOutcomes: 'true' })).items[0].id, event.id);

  await api.post(`/step/${unknown.stepId}/resolve`, { outcome: 'done', note: 'seen at the bank' });
  const again = await api.call('POST', `/step/${unknown.stepId}/resolve`, { body: { outcome: 'done', note: 'seen at the bank' } });
  assert.equal(again.status, 200, 'the same said again changes nothing');
  const otherwise = await api.call('POST', `/step/${unknown.stepId}/resolve`, { body: { outcome: 'not_done' } });
  assert.equal(otherwise.status, 409);
  assert.equal((await api.get(`/run/${event.runId}/fetch`)).unknownOutcomes, 0);
  const { items: messages } = await api.get(`/conversation/${event.conversationId}/message/list`);
  // The bot's own words stay as it said them.
  const text = JSON.stringify(messages.filter((message) => message.meta.activity?.function.name === 'pay'));
  assert.match(text, /seen at the bank/);
  assert.doesNotMatch(text, /outcome_unknown/);
  const { items: steps } = await api.get(`/run/${event.runId}/step/list`);
  assert.match(JSON.stringify(steps), /outcome_unknown/, 'the journal stays as it was');
});
