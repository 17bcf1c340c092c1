// Bots on an OpenAI-compatible model, played by an independent stand-in: what is asked of it, what
// comes of its answers, and how a run ends when it fails.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { apiKey, calls, hangsUp, refuses, says, sendsGarbage, settles, startModelStandIn } from './support/model_stand_in.mjs';
import { makeJudge } from './support/openai_judge.mjs';
import { Server, startServer } from './support/server.mjs';
import { postAbility, startSink } from './support/sink.mjs';
import { activities, inShort, incomingEvents, outcomes } from './support/transcript.mjs';

const slowDown = { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' };
const noMoney = { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' };
const broken = { message: 'The server had an error', type: 'server_error' };
const twoCalls = calls([
  ['call_a', 'look_up', { order_id: '17' }],
  ['call_b', 'notify', { text: 'Hello "world"\n\u{1F44B}' }],
], { content: 'Let me see.' });
const manyCalls = Array.from({ length: 50 }, (_, i) => [`call_${i}`, 'note', { word: `w${i}` }]);

// What each model answers, request by request.
const scenarios = {
  'gpt-5.4-two-steps': [twoCalls, settles('looked up 17')],
  'gpt-5.4-session': [
    calls([['call_1', 'note', { word: 'one' }]]), settles('first', 'call_2'),
    calls([['call_1', 'note', { word: 'two' }]]), settles('second', 'call_2'),
  ],
  'gpt-5.4-many': [calls(manyCalls), settles()],
  'gpt-5.4-options': [settles()],
  'gpt-5.4-gives-up': [calls([['call_f', '_failure', { reason: 'there is no such order' }]])],
  'gpt-5.4-too-soon': [
    calls([['call_x', 'nowhere', {}], ['call_s', '_success', { reason: 'surely fine' }]]), settles('this time it is'),
  ],
  'gpt-5.4-rate-once': [refuses(429, slowDown, { retryAfter: 1 }), settles()],
  'gpt-5.4-rate-always': ['always', refuses(429, slowDown, { retryAfter: 0 })],
  'gpt-5.4-money': ['always', refuses(429, noMoney)],
  'gpt-5.4-bad-key': ['always', refuses(401, { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' })],
  'gpt-5.4-error-once': [refuses(500, broken), settles()],
  'gpt-5.4-error-always': ['always', refuses(500, broken)],
  'gpt-5.4-error-second-attempt': [refuses(500, broken), refuses(500, broken), refuses(500, broken), settles()],
  'gpt-5.4-error-midway': [
    calls([['call_a', 'look_up', { order_id: '18' }]]), refuses(500, broken), refuses(500, broken), refuses(500, broken), settles(),
  ],
  'gpt-5.4-error-for-now': ['always', refuses(500, broken)],
  'gpt-5.4-drop-once': [hangsUp, settles()],
  'gpt-5.4-drop-always': ['always', hangsUp],
  'gpt-5.4-garbage-once': [sendsGarbage, settles()],
  'gpt-5.4-garbage-always': ['always', sendsGarbage],
  'gpt-5.4-half-arguments': [calls([['call_h', 'look_up', '{"order_id": ']]), settles('gave up on it')],
  'gpt-5.4-list-arguments': [calls([['call_l', 'look_up', '["17"]']]), settles()],
  'gpt-5.4-no-arguments': [calls([['call_n', 'look_up', {}]]), settles()],
  'gpt-5.4-unknown-tool': [calls([['call_u', 'launch_rocket', { to: 'Mars' }]]), settles()],
  'gpt-5.4-cut': [calls([['call_c', 'look_up', '{"order_id": "1']], { finishReason: 'length' }), settles()],
  'gpt-5.4-chatty': ['always', says('I am thinking about it.')],
  'gpt-5.4-talks-first': [says('Let me think.'), settles('thought about it')],
  'gpt-5.4-endless': ['always', calls([['call_e', 'note', { word: 'again' }]])],
};

describe('a bot on a model', () => {
  let sink;
  let standIn;
  let server;
  let api;
  let skillsetId;

  before(async () => {
    sink = await startSink();
    standIn = await startModelStandIn(scenarios);
    server = await Server.start({
      env: standIn.environment,
      config: [
        '[retry]', 'attempts = 2', 'first_delay = "100ms"', 'longest_delay = "1s"',
        '[run]', 'steps = 6',
        '[egress]', `allow = ["${sink.host}"]`,
        '[openai]', 'failures_to_pause = 0',
      ].join('\n'),
    });
    api = server.api();
    skillsetId = await api.createSkillset([
      postAbility(sink, 'look_up', '/orders', 'order_id'),
      postAbility(sink, 'notify', '/notify', 'text'),
      { name: 'note', description: 'Notes', instruction: '```echo\n$[word! js|a word]\n```' },
    ]);
  });
  after(async () => {
    await server?.stop();
    await standIn?.stop();
    await sink?.stop();
  });

  const triggerOn = async (model, fields = {}) =>
    api.createTrigger({ botId: await api.createBot({ model, skillsetId, backstory: 'You watch orders.', ...fields }) });

  // {event, run, messages, steps, asked}: the end of one run on this model.
  async function runOn(model, body = '{"order_id":"17"}') {
    const event = await api.ended(await api.fire(await triggerOn(model), { body }));
    return {
      event,
      run: await api.get(`/run/${event.runId}/fetch`),
      messages: await api.messages(event.conversationId),
      steps: await api.steps(event.runId),
      asked: await standIn.journal(model),
    };
  }
  const resultOf = (messages, name) => activities(messages, 'response', name)[0].result;

  test('two calls of one answer run at the same time, and their results go back', async () => {
    sink.expectTogether('/orders', '/notify');
    const { event, run, messages, steps, asked } = await runOn('gpt-5.4-two-steps');

    assert.equal(event.state, 'succeeded', event.error);
    assert.equal(event.reason, 'looked up 17');
    assert.deepEqual([run.attempt, run.modelCalls, run.actionCalls], [1, 2, 2]);
    assert.ok(run.inputTokens > 0 && run.outputTokens > 0);
    const [order] = sink.at('/orders');
    const [notice] = sink.at('/notify');
    assert.equal(sink.requests.length, 2);
    assert.equal(order.body, '{"order_id": "17"}');
    assert.deepEqual(JSON.parse(notice.body), { text: 'Hello "world"\n\u{1F44B}' });
    assert.ok(order.headers['idempotency-key']);
    assert.notEqual(order.headers['idempotency-key'], notice.headers['idempotency-key']);

    const told = messages.map(inShort);
    const lookUp = ['request look_up', 'response look_up'];
    const notify = ['request notify', 'response notify'];
    const made = told[6] === lookUp[0] ? [...lookUp, ...notify] : [...notify, ...lookUp];
    assert.deepEqual(told, [
      'instruction',
      'request _getIncomingEvent', 'response _getIncomingEvent',
      'request _getTriggerDetails', 'response _getTriggerDetails',
      'bot', ...made,
      'request _checkTriggerRunStatus', 'response _checkTriggerRunStatus',
    ]);
    assert.match(JSON.stringify(resultOf(messages, 'look_up')), /received.*\/orders/);
    assert.deepEqual(outcomes(messages), [{ status: 'complete', outcome: 'succeeded' }]);
    assert.equal(steps.filter((step) => step.kind === 'model').length, 2);

    assert.equal(asked.length, 2);
    const [first, second] = asked.map((entry) => entry.body.messages);
    assert.equal(first[0].role, 'system');
    assert.match(first[0].content, /You watch orders\./);
    const event17 = first.find((message) => message.role === 'tool');
    assert.equal(JSON.parse(event17.content).body, '{"order_id":"17"}');
    assert.ok(first.filter((message) => message.role !== 'tool').every((message) => !JSON.stringify(message).includes('17')), 'the event stands nowhere else');
    assert.deepEqual(second.slice(0, first.length), first, 'nothing said before is said differently');
    const said = second[first.length];
    assert.deepEqual(said.tool_calls.map((call) => call.id), ['call_a', 'call_b']);
    assert.deepEqual(second.slice(first.length + 1).map((message) => message.tool_call_id), ['call_a', 'call_b']);
  });

  test('the next event of a session builds on what was said', async () => {
    const model = 'gpt-5.4-session';
    const trigger = await triggerOn(model);
    const ids = [];
    for (const body of ['first event', 'second event']) ids.push(await api.fire(trigger, { query: { session: 's' }, body }));
    const events = [await api.ended(ids[0]), await api.ended(ids[1])];
    assert.deepEqual(events.map((event) => event.state), ['succeeded', 'succeeded']);
    assert.equal(events[0].conversationId, events[1].conversationId);
    const messages = await api.messages(events[0].conversationId);
    assert.deepEqual(incomingEvents(messages).map((event) => event.body), ['first event', 'second event']);

    const asked = await standIn.journal(model);
    assert.equal(asked.length, 4);
    const third = asked[2].body.messages;
    const events3 = third.filter((message) => message.role === 'tool').map((message) => message.content).filter((content) => /event"/.test(content));
    assert.equal(events3.length, 2, 'it sees the earlier event and its own');
    assert.match(JSON.stringify(third), /\bone\b/, 'and what was done then');
  });

  test('fifty calls of one answer all get their result', async () => {
    const { event, run, messages, asked } = await runOn('gpt-5.4-many');
    assert.equal(event.state, 'succeeded', event.error);
    assert.equal(run.actionCalls, 50);
    assert.equal(activities(messages, 'response', 'note').length, 50);
    const results = asked[1].body.messages.filter((message) => message.role === 'tool').slice(-50);
    assert.deepEqual(results.map((message) => message.tool_call_id), manyCalls.map(([id]) => id));
    assert.ok(results.every((message, i) => message.content.includes(`w${i}`)));
  });

  test('options of the model string reach the request', async () => {
    const { event, asked } = await runOn('gpt-5.4-options/temperature=0.2/maxTokens=800');
    assert.equal(event.state, 'succeeded', event.error);
    assert.equal(asked.length, 0, 'the options are no part of the name');
    const [entry] = await standIn.journal('gpt-5.4-options');
    assert.equal(entry.body.temperature, 0.2);
    assert.equal(entry.body.max_tokens, 800);
  });

  test('a model that settles with _failure fails the run, in its own words', async () => {
    const { event, run, messages } = await runOn('gpt-5.4-gives-up');
    assert.equal(event.state, 'failed');
    assert.equal(event.reason, 'there is no such order');
    assert.equal(run.attempt, 1, 'nobody tries again');
    assert.deepEqual(outcomes(messages), [{ status: 'incomplete', outcome: 'failed', reason: 'there is no such order' }]);
  });

  test('a success given beside a failed call does not count', async () => {
    const { event, run, asked } = await runOn('gpt-5.4-too-soon');
    assert.equal(event.state, 'succeeded');
    assert.equal(event.reason, 'this time it is');
    assert.equal(run.modelCalls, 2);
    assert.equal(asked.length, 2);
  });

  describe('that fails', () => {
    const endsWell = async (model, requests) => {
      const ended = await runOn(model);
      assert.equal(ended.event.state, 'succeeded', ended.event.error);
      assert.equal(ended.asked.length, requests);
      return ended;
    };
    const endsDead = async (model, { cause, says, attempts, requests, atMost = requests }) => {
      const { event, run, messages, steps, asked } = await runOn(model);
      assert.equal(event.state, 'dead');
      assert.equal(event.reason, cause);
      assert.match(event.error, says);
      assert.equal(run.attempt, attempts);
      assert.ok(asked.length >= requests && asked.length <= atMost, `${asked.length} requests`);
      assert.deepEqual(outcomes(messages), [{ status: 'incomplete', outcome: 'dead', reason: cause }]);
      const notes = steps.filter((step) => step.kind === 'note');
      assert.equal(notes.length, attempts, 'each attempt leaves its cause on record');
      assert.ok(notes.every((note) => says.test(JSON.stringify(note.data))));
      assert.equal(sink.requests.filter((request) => request.body.includes(model)).length, 0);
    };

    test('429 with Retry-After: waited for, then done in the same attempt', async () => {
      const { run, asked } = await endsWell('gpt-5.4-rate-once', 2);
      assert.equal(run.attempt, 1);
      assert.deepEqual(asked.map((entry) => entry.response.status), [429, 200]);
      assert.ok(asked[1].timestamp - asked[0].timestamp >= 1000, `after ${asked[1].timestamp - asked[0].timestamp} ms`);
    });
    test('429 without end: dead when the attempts are used up', () =>
      endsDead('gpt-5.4-rate-always', { cause: 'rate_limited', says: /429.*slow down/, attempts: 2, requests: 6 }));
    test('429 for want of money: dead at once', () =>
      endsDead('gpt-5.4-money', { cause: 'quota', says: /exceeded your current quota/, attempts: 1, requests: 1 }));
    test('a refused key: dead at once', () =>
      endsDead('gpt-5.4-bad-key', { cause: 'unauthorized', says: /401.*Incorrect API key/, attempts: 1, requests: 1 }));
    test('500 once: tried again', async () => {
      assert.equal((await endsWell('gpt-5.4-error-once', 2)).run.attempt, 1);
    });
    test('500 through a whole attempt: the next one succeeds', async () => {
      const { run, steps, messages } = await endsWell('gpt-5.4-error-second-attempt', 4);
      assert.equal(run.attempt, 2);
      assert.equal(steps.filter((step) => step.kind === 'opened').length, 1, 'an attempt resumes');
      assert.equal(incomingEvents(messages).length, 1);
    });
    test('500 without end: dead when the attempts are used up', () =>
      endsDead('gpt-5.4-error-always', { cause: 'server_error', says: /500.*The server had an error/, attempts: 2, requests: 6 }));
    test('500 after a call was made: the next attempt does not make it again', async () => {
      const { run, messages } = await endsWell('gpt-5.4-error-midway', 5);
      assert.equal(run.attempt, 2);
      assert.equal(sink.at('/orders').filter((request) => request.body.includes('18')).length, 1);
      assert.equal(activities(messages, 'response', 'look_up').length, 1);
    });
    test('between two attempts the run says why and when, and can be canceled', async (t) => {
      const patient = await startServer(t, { env: standIn.environment, config: '[retry]\nfirst_delay = "10m"\n' });
      const its = patient.api();
      const trigger = await its.createTrigger({ botId: await its.createBot({ model: 'gpt-5.4-error-for-now' }) });
      const sentAt = Date.now();
      const id = await its.fire(trigger, { query: { session: 's' }, body: 'x' });
      const next = await its.fire(trigger, { query: { session: 's' }, body: 'y' });
      const event = await eventually('it retries', async () => {
        const now = await its.fetchEvent(id);
        return now.state === 'retrying' && now;
      });
      const run = await its.get(`/run/${event.runId}/fetch`);
      assert.equal(run.reason, 'server_error');
      assert.match(run.error, /500.*The server had an error/);
      assert.ok(Date.parse(run.nextAttemptAt) > sentAt + 4 * 60_000);
      assert.equal((await its.fetchEvent(next)).state, 'queued', 'its session waits');
      assert.deepEqual((await its.get('/event/inbox/list', { state: 'retrying' })).items.map((item) => item.id), [id]);
      await its.post(`/event/inbox/${id}/cancel`);
      assert.equal((await its.ended(id)).state, 'canceled');
      await eventually('the next one begins', async () => (await its.fetchEvent(next)).state !== 'queued');
    });
    test('a dropped connection once: tried again', () => endsWell('gpt-5.4-drop-once', 2));
    // A connection that was kept open may be gone for honest reasons: then one more is free.
    test('a dropped connection without end: dead', () =>
      endsDead('gpt-5.4-drop-always', { cause: 'connection', says: /openai: \S+/, attempts: 2, requests: 6, atMost: 8 }));
    test('malformed JSON once: tried again', () => endsWell('gpt-5.4-garbage-once', 2));
    test('malformed JSON without end: dead', () =>
      endsDead('gpt-5.4-garbage-always', { cause: 'bad_answer', says: /JSON/, attempts: 2, requests: 6 }));
  });

  describe('that calls wrongly', () => {
    // The call is not made; the model is told why, and decides.
    const isToldOf = async (model, name, why) => {
      const before = sink.requests.length;
      const { event, messages, asked } = await runOn(model);
      assert.equal(event.state, 'succeeded', event.error);
      assert.equal(sink.requests.length, before, 'nothing was called');
      assert.match(JSON.stringify(resultOf(messages, name)), why);
      assert.match(asked[1].body.messages.at(-1).content, why);
      return asked;
    };
    test('with half a JSON text', () => isToldOf('gpt-5.4-half-arguments', 'look_up', /not valid JSON/));
    test('with a list in place of an object', () => isToldOf('gpt-5.4-list-arguments', 'look_up', /must be a JSON object/));
    test('without what is required', () => isToldOf('gpt-5.4-no-arguments', 'look_up', /order_id/));
    test('what does not exist: the known ones are named', () =>
      isToldOf('gpt-5.4-unknown-tool', 'launch_rocket', /launch_rocket.*look_up.*notify.*note/));
    test('in an answer that was cut off: nothing of it is called', async () => {
      const before = sink.requests.length;
      const { event, asked } = await runOn('gpt-5.4-cut');
      assert.equal(event.state, 'succeeded', event.error);
      assert.equal(sink.requests.length, before);
      assert.match(JSON.stringify(asked[1].body.messages.at(-1)), /cut off/);
    });
  });

  describe('that does not come to an end', () => {
    test('one that only talks is nudged', async () => {
      const { event, messages, asked } = await runOn('gpt-5.4-talks-first');
      assert.equal(event.state, 'succeeded');
      assert.equal(asked[1].body.messages.at(-1).role, 'user');
      assert.match(asked[1].body.messages.at(-1).content, /_success/);
      assert.deepEqual(messages.filter((message) => message.type === 'bot').map((message) => message.text), ['Let me think.']);
    });
    test('and in the end left unsettled', async () => {
      const { event, run, messages } = await runOn('gpt-5.4-chatty');
      assert.equal(event.state, 'incomplete');
      assert.equal(event.reason, 'unsettled');
      assert.equal(run.modelCalls, 4);
      assert.deepEqual(outcomes(messages), [{ status: 'incomplete', outcome: 'incomplete', reason: 'unsettled' }]);
    });
    test('one that calls for ever is stopped at its bound', async () => {
      const { event, run, messages } = await runOn('gpt-5.4-endless');
      assert.equal(event.state, 'incomplete');
      assert.equal(event.reason, 'steps');
      assert.equal(run.modelCalls, 6);
      assert.deepEqual(outcomes(messages), [{ status: 'incomplete', outcome: 'incomplete', reason: 'steps' }]);
    });
  });

  // After all of the above: whatever was sent, in good times and bad.
  test('every request is one that OpenAI would take', async () => {
    const problemsOf = makeJudge();
    const journal = await standIn.journal();
    assert.ok(journal.length > 50);
    for (const entry of journal) {
      const { _endpointType, ...body } = entry.body;
      assert.deepEqual(problemsOf(body), [], JSON.stringify(body).slice(0, 2000));
      assert.equal(entry.path, '/v1/chat/completions');
      assert.match(entry.headers['content-type'], /^application\/json/);
    }
  });

  test('the key is in no answer of the API', async () => {
    const texts = await Promise.all(['/event/inbox/list', '/conversation/list', '/bot/list'].map(async (path) => (await api.call('GET', path)).text));
    assert.ok(texts.every((text) => !text.includes(apiKey)));
  });
});

describe('the judge of requests', () => {
  const tools = [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } }];
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const asks = { role: 'user', content: 'hi' };
  const calling = { role: 'assistant', content: null, tool_calls: [call] };
  const result = { role: 'tool', tool_call_id: 'c1', content: 'r' };
  const right = { model: 'm', messages: [asks, calling, result], tools };
  const wrong = {
    'no model': { messages: [asks] },
    'no messages': { model: 'm' },
    'an unknown role': { model: 'm', messages: [{ role: 'robot', content: 'x' }] },
    'arguments as an object': { ...right, messages: [asks, { ...calling, tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] }, result] },
    'arguments that are no JSON': { ...right, messages: [asks, { ...calling, tool_calls: [{ ...call, function: { name: 'f', arguments: '{"a":' } }] }, result] },
    'an unknown field': { ...right, max_token: 5 },
    "another vendor's tool": { ...right, tools: [{ name: 'f', input_schema: { type: 'object' } }] },
    'an illegal tool name': { ...right, tools: [{ type: 'function', function: { name: 'has space' } }] },
    'a call without its result': { ...right, messages: [asks, calling] },
    'a result that comes late': { ...right, messages: [asks, calling, asks, result] },
    'a result without its call': { ...right, messages: [asks, result] },
    'a call with two results': { ...right, messages: [asks, calling, result, result] },
    'one id for two calls': { ...right, messages: [asks, { ...calling, tool_calls: [call, call] }, result] },
  };
  test('takes what is right and finds every planted mistake', () => {
    const problemsOf = makeJudge();
    assert.deepEqual(problemsOf(right), []);
    for (const [what, body] of Object.entries(wrong)) assert.notDeepEqual(problemsOf(body), [], what);
  });
});
