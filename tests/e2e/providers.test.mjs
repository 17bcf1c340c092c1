// Providers that the operator declares: Anthropic's Messages, streams, fallbacks, played by independent
// stand-ins.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { makeAnthropicJudge } from './support/anthropic_judge.mjs';
import { apiKey, breaksOff, calls, hangsUp, refuses, says, settles, startModelStandIn } from './support/model_stand_in.mjs';
import { startRecorder } from './support/recorder.mjs';
import { Server } from './support/server.mjs';
import { postAbility, startSink } from './support/sink.mjs';

const overloaded = { message: 'Overloaded', type: 'overloaded_error' };
const twoCalls = calls([
  ['toolu_a', 'look_up', { order_id: '17' }],
  ['toolu_b', 'notify', { text: 'Hello "world"\n\u{1F44B}' }],
], { content: 'Let me see.' });

const sentence = says('This sentence is never finished, because its stream ends in the middle of it.');
const wrongKey = refuses(401, { message: 'invalid x-api-key', type: 'authentication_error' });
const noMoney = refuses(402, { message: 'credit balance is too low', type: 'billing_error' });

// What each model answers, request by request.
const scenarios = {
  'claude-two-steps': [twoCalls, settles('looked up 17', 'toolu_s')],
  'claude-whole': [twoCalls, settles('looked up 17', 'toolu_s')],
  'claude-talks-first': [says('Let me think.'), settles('thought about it', 'toolu_s')],
  'claude-session': [settles('first', 'toolu_1'), settles('second', 'toolu_1')],
  'claude-cut-once': [breaksOff(sentence, 2), settles('after all', 'toolu_s')],
  'claude-busy-once': [refuses(529, overloaded), settles('after all', 'toolu_s')],
  'claude-no-money': ['always', noMoney],
  'gpt-5.4-cut-once': [breaksOff(sentence, 2), settles('after all')],
  'gpt-5.4-gone': ['always', hangsUp],
  'gpt-5.4-wrong-key': ['always', wrongKey],
  'gpt-5.4-stands-in': ['always', settles('stood in')],
};

describe('declared providers', () => {
  let sink;
  let standIn;
  let recorder; // aimock's journal has Anthropic's requests in OpenAI's form
  let server;
  let api;
  let skillsetId;

  before(async () => {
    sink = await startSink();
    standIn = await startModelStandIn(scenarios);
    recorder = await startRecorder(standIn.url);
    const declared = (name, language, url, ...more) => [
      `[provider.${name}]`, `language = "${language}"`, `base_url = "${url}"`, 'api_key = "${STAND_IN_KEY}"', ...more,
    ];
    server = await Server.start({
      env: { ...standIn.environment, STAND_IN_KEY: apiKey },
      config: [
        '[retry]', 'attempts = 2', 'first_delay = "100ms"', 'longest_delay = "1s"',
        '[egress]', `allow = ["${sink.host}"]`,
        ...declared('claude', 'anthropic', recorder.url, 'models = ["claude-two-steps"]'),
        ...declared('whole', 'anthropic', recorder.url, 'stream = false'),
        ...declared('shaky', 'openai', `${standIn.url}/v1`, 'fallback = ["poor/claude-no-money", "gpt-5.4-stands-in"]'),
        ...declared('locked', 'openai', `${standIn.url}/v1`, 'fallback = ["gpt-5.4-stands-in"]'),
        ...declared('poor', 'anthropic', recorder.url),
      ].join('\n'),
    });
    api = server.api();
    skillsetId = await api.createSkillset([
      postAbility(sink, 'look_up', '/orders', 'order_id'),
      postAbility(sink, 'notify', '/notify', 'text'),
    ]);
  });
  after(async () => {
    await server?.stop();
    await recorder?.stop();
    await standIn?.stop();
    await sink?.stop();
  });

  const triggerOn = async (model) =>
    api.createTrigger({ sessionDuration: 3_600_000, botId: await api.createBot({ model, skillsetId, backstory: 'You watch orders.' }) });

  // {event, run, steps, asked}: the end of one run on this model.
  async function runOn(model) {
    const event = await api.ended(await api.fire(await triggerOn(model), { body: '{"order_id":"17"}' }));
    const asked = await standIn.journal(model.slice(model.indexOf('/') + 1));
    return { event, run: await api.get(`/run/${event.runId}/fetch`), steps: await api.steps(event.runId), asked };
  }

  for (const [model, streams] of [['claude/claude-two-steps', true], ['whole/claude-whole', undefined]]) {
    test(`Anthropic, ${streams ? 'streamed' : 'whole'}: two calls of one answer are made, and their results go back`, async () => {
      const { event, run, asked } = await runOn(model);
      assert.equal(event.state, 'succeeded', event.error);
      assert.equal(event.reason, 'looked up 17');
      assert.deepEqual([run.attempt, run.modelCalls, run.actionCalls], [1, 2, 2]);
      assert.equal(sink.at('/orders').at(-1).body, '{"order_id": "17"}');
      assert.deepEqual(JSON.parse(sink.at('/notify').at(-1).body), { text: 'Hello "world"\n\u{1F44B}' });
      assert.equal(asked.length, 2);
      assert.deepEqual(asked.map((entry) => entry.body.stream), [streams, streams]);
    });
  }

  test('a text alone is nudged, and a run of one session sees the one before it', async () => {
    const talked = await runOn('claude/claude-talks-first');
    assert.equal(talked.event.reason, 'thought about it', talked.event.error);
    const trigger = await triggerOn('claude/claude-session');
    for (const reason of ['first', 'second']) {
      const event = await api.ended(await api.fire(trigger, { body: `{"is":"${reason}"}`, query: { session: 'one' } }));
      assert.equal(event.reason, reason, event.error);
    }
    const [, second] = await standIn.journal('claude-session');
    assert.match(JSON.stringify(second.body.messages), /first/);
  });

  test('a stream that breaks off is asked for again, in either language', async () => {
    for (const model of ['claude/claude-cut-once', 'gpt-5.4-cut-once']) {
      const { event, run, asked } = await runOn(model);
      assert.equal(event.reason, 'after all', `${model}: ${event.error}`);
      assert.deepEqual([run.attempt, run.modelCalls], [1, 1], model);
      assert.equal(asked.length, 2, model);
    }
  });

  test('an overloaded server is asked again', async () => {
    const { event, asked } = await runOn('claude/claude-busy-once');
    assert.equal(event.reason, 'after all', event.error);
    assert.deepEqual(asked.map((entry) => entry.response.status), [529, 200]);
  });

  test('a refusal for money ends the run, and says so without the key', async () => {
    const { event, asked } = await runOn('claude/claude-no-money');
    assert.deepEqual([event.state, event.reason], ['dead', 'quota']);
    assert.match(event.error, /^claude: .*credit balance is too low/);
    assert.ok(!JSON.stringify(event).includes(apiKey));
    assert.equal(asked.length, 1);
  });

  test('when a provider cannot answer, the next in its chain does, and the run says who failed', async () => {
    const { event, run, steps } = await runOn('shaky/gpt-5.4-gone');
    assert.equal(event.reason, 'stood in', event.error);
    assert.equal(run.attempt, 1);
    const told = JSON.stringify(steps);
    assert.match(told, /shaky: /);
    assert.match(told, /poor: .*credit balance/);

    const locked = await runOn('locked/gpt-5.4-wrong-key');
    assert.equal(locked.event.reason, 'stood in', locked.event.error);
    const again = await runOn('locked/gpt-5.4-wrong-key');
    assert.equal(again.event.reason, 'stood in', again.event.error);
    assert.equal(again.asked.length, 1, 'a connection whose key is refused is asked no more');
  });

  test('the list of models names what was declared', async () => {
    const { items } = await api.get('/platform/model/list');
    assert.deepEqual(items.find((model) => model.name === 'claude/claude-two-steps')?.provider, 'claude');
  });

  test('every request was one that Anthropic would take', async () => {
    const judge = makeAnthropicJudge();
    const entries = recorder.requests.filter((entry) => entry.path === '/v1/messages');
    assert.ok(entries.length >= 10, `${entries.length}`);
    for (const entry of entries) {
      assert.deepEqual(judge(JSON.parse(entry.body)), [], entry.body.slice(0, 2000));
      assert.equal(entry.headers['anthropic-version'], '2023-06-01');
    }
  });
});
