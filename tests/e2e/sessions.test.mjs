// From an event to its conversation: what belongs together, in which order, and who it is about.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startHeldModel, success } from './support/held_model.mjs';
import { startServer, useServer } from './support/server.mjs';
import { activities, inShort, incomingEvents, outcomes } from './support/transcript.mjs';

const stage = useServer();

test('three events of one session with a contact become one conversation, in order', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const trigger = await api.createTrigger({ name: 'Orders', description: 'Order events', botId, meta: { team: 'blue' } });
  const query = { session: 'order_1', 'contact.email': 'Ann@Example.com', 'contact.name': 'Ann Lee' };
  const bodies = ['{"order_id":"1"}', '{"order_id":"2"}', '{"order_id":"3"}'];

  const ids = [];
  for (const body of bodies) ids.push(await api.fire(trigger, { query, body }));
  const ended = await Promise.all(ids.map((id) => api.ended(id)));

  assert.deepEqual(ended.map((event) => event.state), ['succeeded', 'succeeded', 'succeeded']);
  const conversations = await api.conversationsOf(trigger.id);
  assert.equal(conversations.length, 1);
  const [conversation] = conversations;
  assert.deepEqual(ended.map((event) => event.conversationId), Array(3).fill(conversation.id));
  assert.equal(conversation.name, 'Orders');
  assert.equal(conversation.description, 'Order events');
  assert.equal(conversation.botId, botId);
  assert.deepEqual(conversation.meta, { app: 'trigger', trigger: { integrationId: trigger.id } });

  const contacts = (await api.get('/contact/list', { email: 'ann@example.com' })).items;
  assert.equal(contacts.length, 1);
  assert.equal(contacts[0].name, 'Ann Lee');
  assert.equal(conversation.contactId, contacts[0].id);

  const messages = await api.messages(conversation.id);
  assert.deepEqual(incomingEvents(messages).map((event) => event.body), bodies);
  assert.deepEqual(incomingEvents(messages).map((event) => event.event.id), ids);
  assert.deepEqual(outcomes(messages), Array(3).fill({ status: 'complete', outcome: 'succeeded' }));
});

test('a run is recorded message by message as the contract shows it', async () => {
  const { api } = stage;
  const skillsetId = await api.createSkillset([
    { name: 'note', description: 'Notes', instruction: '```echo\n{"noted": $[order_id! js|the id of the order]}\n```' },
  ]);
  const botId = await api.createBot({ skillsetId });
  const trigger = await api.createTrigger({ name: 'Orders', description: 'Of the shop', botId, meta: { team: 'blue' } });

  const id = await api.fire(trigger, { body: '{"order_id":"12345"}', headers: { 'content-type': 'application/json' } });
  const event = await api.ended(id);
  const messages = await api.messages(event.conversationId);

  assert.deepEqual(messages.map(inShort), [
    'instruction',
    'request _getIncomingEvent',
    'response _getIncomingEvent',
    'request _getTriggerDetails',
    'response _getTriggerDetails',
    'bot',
    'request note',
    'response note',
    'bot',
    'request _checkTriggerRunStatus',
    'response _checkTriggerRunStatus',
  ]);
  const [incoming] = incomingEvents(messages);
  assert.equal(incoming.body, '{"order_id":"12345"}');
  assert.equal(incoming.timezone, 'UTC');
  assert.match(incoming.ranAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(incoming.event, { id, receivedAt: event.receivedAt, method: 'POST', contentType: 'application/json' });
  assert.deepEqual(activities(messages, 'response', '_getTriggerDetails')[0].result, {
    name: 'Orders',
    description: 'Of the shop',
    meta: { team: 'blue' },
  });
  const [request] = activities(messages, 'request', 'note');
  const [response] = activities(messages, 'response', 'note');
  assert.deepEqual(request.arguments, { order_id: '12345' });
  assert.deepEqual(response.arguments, request.arguments);
  assert.match(JSON.stringify(response.result), /12345/);
  assert.ok(messages.every((message) => message.type !== 'user'), 'an event is not something a person said');

  const run = await api.get(`/run/${event.runId}/fetch`);
  assert.equal(run.state, 'succeeded');
  assert.equal(run.attempt, 1);
  assert.equal(run.actionCalls, 1);
  const steps = await api.steps(event.runId);
  assert.deepEqual(steps.map((step) => step.kind), ['opened', 'model', 'intent', 'result', 'model', 'settled']);
  assert.deepEqual(steps.map((step) => step.number), [...steps.keys()].map((i) => steps[0].number + i));
});

test('without a session the e-mail decides, then the phone, else each event stands alone', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const conversationOf = async (query) => (await api.ended(await api.fire(trigger, { query, body: 'x' }))).conversationId;

  const bea = await conversationOf({ 'contact.email': 'bea@example.com' });
  assert.equal(await conversationOf({ contact_email: 'BEA@example.com' }), bea);
  assert.notEqual(await conversationOf({ 'contact.email': 'carl@example.com' }), bea);

  const phone = await conversationOf({ 'contact.phone': '555-0123' });
  assert.equal(await conversationOf({ contact_phone: '555-0123' }), phone);

  assert.notEqual(await conversationOf({}), await conversationOf({}));
  assert.notEqual(await conversationOf({ session: 'bea@example.com' }), bea, 'keys are typed');
});

test('a session duration of 0 begins a conversation with every event', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger({ sessionDuration: 0 });
  for (let i = 0; i < 2; ++i) await api.ended(await api.fire(trigger, { query: { session: 's' }, body: 'x' }));
  const conversations = await api.conversationsOf(trigger.id);
  assert.equal(conversations.length, 2);
  assert.notEqual(conversations[0].id, conversations[1].id);
});

test('sessions of two triggers have nothing to do with each other', async () => {
  const { api } = stage;
  const botId = await api.createBot();
  const [one, two] = [await api.createTrigger({ botId }), await api.createTrigger({ botId })];
  const first = await api.ended(await api.fire(one, { query: { session: 's' }, body: 'x' }));
  const second = await api.ended(await api.fire(two, { query: { session: 's' }, body: 'x' }));
  assert.notEqual(first.conversationId, second.conversationId);
});

test('a GET event with only a contact name makes that contact', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const id = await api.fire(trigger, { method: 'GET', query: { contact_name: 'System Monitor' } });
  const event = await api.ended(id);
  assert.equal(event.method, 'GET');
  assert.equal(event.body, '');
  const conversation = await api.get(`/conversation/${event.conversationId}/fetch`);
  const contact = await api.get(`/contact/${conversation.contactId}/fetch`);
  assert.equal(contact.name, 'System Monitor');
  assert.equal(contact.verifiedAt, null);
  assert.ok(contact.fingerprint.length >= 16);

  const again = await api.ended(await api.fire(trigger, { method: 'GET', query: { contact_name: 'System Monitor' } }));
  const second = await api.get(`/conversation/${again.conversationId}/fetch`);
  assert.equal(second.contactId, contact.id, 'the same name at the same trigger is the same contact');
});

test('a later event renames its contact and fills what was missing', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  await api.ended(await api.fire(trigger, { query: { 'contact.email': 'dora@example.com', 'contact.name': 'D.' }, body: '1' }));
  const query = { 'contact.email': 'dora@example.com', 'contact.name': 'Dora Diaz', 'contact.phone': '555-0199' };
  await api.ended(await api.fire(trigger, { query, body: '2' }));
  const contacts = (await api.get('/contact/list', { email: 'dora@example.com' })).items;
  assert.equal(contacts.length, 1);
  assert.equal(contacts[0].name, 'Dora Diaz');
  assert.equal(contacts[0].phone, '555-0199');
});

test('a bot switched inside a session begins a new conversation', async () => {
  const { api } = stage;
  const [first, second] = [await api.createBot({ name: 'First' }), await api.createBot({ name: 'Second' })];
  const trigger = await api.createTrigger({ botId: first });
  const query = { session: 's' };
  const before = await api.ended(await api.fire(trigger, { query, body: '1' }));

  await api.post(`/integration/trigger/${trigger.id}/update`, { botId: second });
  const after = await api.ended(await api.fire(trigger, { query, body: '2' }));
  const later = await api.ended(await api.fire(trigger, { query, body: '3' }));

  assert.notEqual(after.conversationId, before.conversationId);
  assert.equal(later.conversationId, after.conversationId);
  assert.equal((await api.get(`/conversation/${before.conversationId}/fetch`)).botId, first);
  assert.equal((await api.get(`/conversation/${after.conversationId}/fetch`)).botId, second);
});

test('bodies arrive byte for byte', async (t) => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  const bodies = {
    'nothing': '',
    'spaces and line ends': ' \t\r\n{"a" : 1 , "a":2}\r\n\n ',
    'broken JSON': '{"order_id": 12345, "total": 99.9900',
    'control characters': '\u0000\u0001\u001f\u007f"\\/\b\f',
    'a byte order mark': '\ufeff{"a":1}',
    'beyond ASCII': 'Käse \u2028\u2029 \u{1F600} \u{10FFFF} e\u0301',
    'form data': 'a=1&b=%20+&c=\u00e9',
    'bigger than a row': `${'0123456789abcdef'.repeat(4096)}end`,
  };
  for (const [what, body] of Object.entries(bodies)) {
    await t.test(what, async () => {
      const event = await api.ended(await api.fire(trigger, { body: Buffer.from(body), headers: { 'content-type': 'application/json' } }));
      assert.equal(event.body, body);
      assert.equal(event.bodySize, Buffer.byteLength(body));
      const [incoming] = incomingEvents(await api.messages(event.conversationId));
      assert.equal(incoming.body, body);
    });
  }
});

test('events of one session wait for each other; those of others do not', async (t) => {
  const model = await startHeldModel();
  t.after(() => model.stop());
  const server = await startServer(t, { env: model.environment });
  const api = server.api();
  const trigger = await api.createTrigger({ botId: await api.createBot({ model: 'gpt-5.4' }) });

  const first = await api.fire(trigger, { query: { session: 'a' }, body: 'a1' });
  const held = await model.next();
  const second = await api.fire(trigger, { query: { session: 'a' }, body: 'a2' });
  const other = await api.fire(trigger, { query: { session: 'b' }, body: 'b1' });
  const beside = await model.next();
  assert.match(JSON.stringify(beside.body.messages), /b1/, 'another session runs beside it');
  beside.answer(success);
  assert.equal((await api.ended(other)).state, 'succeeded');
  assert.equal((await api.fetchEvent(second)).state, 'queued');
  assert.equal(model.requests.length, 2);

  held.answer(success);
  assert.equal((await api.ended(first)).state, 'succeeded');
  (await model.next()).answer(success);
  assert.equal((await api.ended(second)).state, 'succeeded');
});

test('deleting a trigger cancels what waits and what runs, and closes its door', async (t) => {
  const model = await startHeldModel();
  t.after(() => model.stop());
  const server = await startServer(t, { env: model.environment });
  const api = server.api();
  const trigger = await api.createTrigger({ botId: await api.createBot({ model: 'gpt-5.4' }) });
  const ids = [];
  for (const body of ['1', '2', '3']) ids.push(await api.fire(trigger, { query: { session: 's' }, body }));
  const held = await model.next();

  await api.post(`/integration/trigger/${trigger.id}/delete`);

  for (const id of ids) {
    const event = await api.ended(id);
    assert.equal(event.state, 'canceled');
    assert.equal(event.reason, 'trigger deleted');
  }
  await held.closed;
  assert.equal(model.requests.length, 1, 'what waited never ran');
  const refused = await api.send(trigger, { body: '4' });
  assert.equal(refused.status, 404);
  assert.equal(JSON.parse(refused.text).code, 'NOT_FOUND');
  assert.equal((await api.call('GET', `/integration/trigger/${trigger.id}/fetch`)).status, 404);
  assert.equal((await api.call('POST', `/integration/trigger/${trigger.id}/delete`, { body: {} })).status, 404);
  assert.equal((await api.conversationsOf(trigger.id)).length, 1, 'its conversation remains');
  const listed = (await api.get('/event/inbox/list', { triggerId: trigger.id, order: 'asc' })).items;
  assert.ok(listed.length === 0 || listed.length === 3);
});

test('an event for a trigger without a bot is kept and ends dead with that cause', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger();
  await api.post(`/integration/trigger/${trigger.id}/update`, { botId: null });
  const event = await api.ended(await api.fire(trigger, { body: 'x' }));
  assert.equal(event.state, 'dead');
  assert.equal(event.reason, 'no_bot');
  assert.ok(event.error);
  const setup = await stage.api.call('POST', `/integration/trigger/${trigger.id}/setup`, { body: {} });
  assert.equal(setup.status, 400);
  assert.equal(setup.body.message, 'Bot is not set');
});

test('an invoke runs the bot, in a session of its own', async () => {
  const { api } = stage;
  const trigger = await api.createTrigger({ timezone: 'Europe/Oslo' });
  const path = `/integration/trigger/${trigger.id}`;
  assert.deepEqual(await api.post(`${path}/invoke`), { id: trigger.id });
  const fetched = await api.get(`${path}/fetch`);
  assert.notEqual(fetched.lastTriggerAt, null);
  const [event] = (await api.get('/event/inbox/list', { triggerId: trigger.id })).items;
  assert.equal(event.source, 'invoke');
  const ended = await api.ended(event.id);
  assert.equal(ended.state, 'succeeded');
  assert.deepEqual(JSON.parse(ended.body), { type: 'invoke', reason: 'invoked by hand' });
  const [incoming] = incomingEvents(await api.messages(ended.conversationId));
  assert.equal(incoming.timezone, 'Europe/Oslo');
  const other = await api.ended(await api.fire(trigger, { query: { session: 'invoke' }, body: 'x' }));
  assert.notEqual(other.conversationId, ended.conversationId);
});
