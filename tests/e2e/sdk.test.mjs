// Every method of the official SDK that is delivered: what it gives when all is well, and the errors
// that the contract documents; with timestamps as text and as numbers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { collect, refusedWith, sdkFor } from './support/sdk.mjs';
import { useServer } from './support/server.mjs';

const stage = useServer();
const missing = 'nope_0000000000000000';

const forms = {
  iso: { headers: {}, isTime: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) },
  ms: { headers: { 'x-timestamps': 'ms' }, isTime: (value) => Number.isInteger(value) && value > 1_600_000_000_000 },
};

for (const [form, { headers, isTime }] of Object.entries(forms)) {
  describe(`timestamps as ${form}`, () => {
    const sdk = () => sdkFor(stage.server, { headers });

    const assertTimes = (item) => {
      assert.ok(isTime(item.createdAt), `createdAt ${item.createdAt}`);
      assert.ok(isTime(item.updatedAt), `updatedAt ${item.updatedAt}`);
      assert.ok(item.updatedAt >= item.createdAt);
    };
    // The item stands in the list, in the page and in the stream, as fetch shows it.
    const assertListed = async (list, item) => {
      const page = await list({ take: 100 });
      assert.deepEqual(page.items.find((one) => one.id === item.id), item);
      assert.equal(typeof page.cursor, 'string');
      const lines = await collect(list().stream());
      assert.ok(lines.every((line) => line.type === 'item'));
      assert.deepEqual(lines.find((line) => line.data.id === item.id).data, item);
    };
    // Fetch, update and delete of a client that has all three.
    const assertUsual = async (client, id, change, ...path) => {
      const before = await client.fetch(...path, id);
      assert.equal(before.id, id);
      assertTimes(before);
      await assertListed((request) => client.list(...path, request), before);
      assert.deepEqual(await client.update(...path, id, change), { id });
      const { updatedAt, ...after } = await client.fetch(...path, id);
      const { updatedAt: since, ...expected } = { ...before, ...change };
      assert.deepEqual(after, expected, 'an update changes what it names and nothing else');
      assert.ok(updatedAt >= since);
      assert.deepEqual(await client.update(...path, id, {}), { id });
      assert.deepEqual(await client.delete(...path, id), { id });
      for (const call of [() => client.fetch(...path, id), () => client.update(...path, id, {}), () => client.delete(...path, id)]) {
        assert.equal(await refusedWith('NOT_FOUND', call), 1);
      }
      const gone = await client.list(...path, { take: 100 });
      assert.ok(gone.items.every((one) => one.id !== id));
      for (const call of [() => client.fetch(...path, missing), () => client.update(...path, missing, {}), () => client.delete(...path, missing)]) {
        assert.equal(await refusedWith('NOT_FOUND', call), 1);
      }
    };

    test('bot', async () => {
      const { bot, skillset } = sdk();
      const { id: skillsetId } = await skillset.create({ name: 'S' });
      const given = { name: 'Bot', description: 'D', backstory: 'B', model: 'builtin/demo', skillsetId, privacy: true, visibility: 'protected', meta: { a: { b: 1 } } };
      const created = await bot.create(given);
      assert.deepEqual(Object.keys(created), ['id']);
      const fetched = await bot.fetch(created.id);
      assert.deepEqual(fetched, {
        ...given, id: created.id, alias: null, datasetId: null, blueprintId: null, moderation: false,
        createdAt: fetched.createdAt, updatedAt: fetched.updatedAt,
      });
      await assertUsual(bot, created.id, { name: 'Renamed', meta: { c: true }, skillsetId: null });
      assert.deepEqual(Object.keys(await bot.create({})), ['id']);
      assert.equal(await refusedWith('BAD_REQUEST', () => bot.create({ name: 7 })), 1);
      assert.equal(await refusedWith('BAD_REQUEST', () => bot.create({ visibility: 'secret' })), 1);
      assert.equal(await refusedWith('NOT_FOUND', () => bot.create({ skillsetId: missing })), 1);
    });

    test('skillset', async () => {
      const { skillset, bot } = sdk();
      const created = await skillset.create({ name: 'Skills', description: 'D', visibility: 'public', meta: { a: 1 } });
      assert.deepEqual(Object.keys(created), ['id']);
      const fetched = await skillset.fetch(created.id);
      assert.equal(fetched.visibility, 'public');
      const { id: botId } = await bot.create({ skillsetId: created.id });
      await assertUsual(skillset, created.id, { name: 'Renamed', description: '' });
      assert.equal((await bot.fetch(botId)).skillsetId, null, 'deleting it detaches it');
      assert.equal(await refusedWith('BAD_REQUEST', () => skillset.create({ meta: [] })), 1);
    });

    test('ability', async () => {
      const { skillset } = sdk();
      const { id: skillsetId } = await skillset.create({ name: 'Skills' });
      const given = { name: 'note', description: 'Notes', instruction: '```echo\nhi\n```', meta: { a: 1 } };
      const created = await skillset.ability.create(skillsetId, given);
      assert.deepEqual(Object.keys(created), ['id']);
      const fetched = await skillset.ability.fetch(skillsetId, created.id);
      assert.deepEqual({ ...fetched, ...given }, fetched);
      for (const link of ['secretId', 'fileId', 'botId', 'spaceId', 'linkedSecretId', 'linkedFileId', 'linkedBotId', 'linkedSpaceId']) {
        assert.equal(fetched[link], null, link);
      }
      const exported = await skillset.ability.export(skillsetId);
      assert.deepEqual(exported.items, [fetched]);
      assert.deepEqual(await collect(skillset.ability.export(skillsetId).stream()), [{ type: 'item', data: fetched }]);
      await assertUsual(skillset.ability, created.id, { name: 'renamed', instruction: 'do it' }, skillsetId);
      assert.equal(await refusedWith('NOT_FOUND', () => skillset.ability.list(missing)), 1);
      assert.equal(await refusedWith('NOT_FOUND', () => skillset.ability.create(missing, given)), 1);
      assert.equal(await refusedWith('BAD_REQUEST', () => skillset.ability.create(skillsetId, { ...given, description: 'x'.repeat(513) })), 1);

      const { id: kept } = await skillset.ability.create(skillsetId, given);
      const { id: other } = await skillset.create({ name: 'Other' });
      assert.equal(await refusedWith('NOT_FOUND', () => skillset.ability.fetch(other, kept)), 1);
      await skillset.delete(skillsetId);
      assert.equal(await refusedWith('NOT_FOUND', () => skillset.ability.fetch(skillsetId, kept)), 1);
    });

    test('trigger', async () => {
      const { bot, integration: { trigger } } = sdk();
      const { id: botId } = await bot.create({ name: 'B', model: 'builtin/demo' });
      const given = { name: 'Orders', description: 'D', botId, sessionDuration: 3_600_000, schedule: '0 0 * * *', timezone: 'Europe/Oslo', meta: { a: 1 } };
      const created = await trigger.create(given);
      assert.deepEqual(Object.keys(created).sort(), ['id', 'secret']);
      assert.match(created.secret, /^[0-9a-f]{64}$/);
      const fetched = await trigger.fetch(created.id);
      const { createdAt, updatedAt, nextTriggerAt, ...rest } = fetched;
      assert.deepEqual(rest, {
        ...given, id: created.id, alias: null, blueprintId: null, secret: created.secret, authenticate: true,
        triggerSchedule: '0 0 * * *', lastTriggerAt: null,
      });
      assert.ok(isTime(nextTriggerAt));
      assertTimes({ createdAt, updatedAt });
      await assertUsual(trigger, (await trigger.create({ botId })).id, { name: 'Renamed', authenticate: false, sessionDuration: null });

      assert.deepEqual(await trigger.setup(created.id), { id: created.id });
      assert.deepEqual(await trigger.setup(created.id), { id: created.id });
      assert.deepEqual(await trigger.fetch(created.id), fetched, 'a set-up of what is right changes nothing');
      assert.deepEqual(await trigger.invoke(created.id, { anything: 1 }), { id: created.id });
      assert.ok(isTime((await trigger.fetch(created.id)).lastTriggerAt));
      await trigger.update(created.id, { triggerSchedule: null });
      const unscheduled = await trigger.fetch(created.id);
      assert.deepEqual([unscheduled.schedule, unscheduled.triggerSchedule, unscheduled.nextTriggerAt], [null, null, null]);
      assert.equal(unscheduled.secret, created.secret);

      const refused = {
        BAD_REQUEST: [
          {}, { botId: null }, { botId, schedule: '61 * * * *' }, { botId, timezone: 'Mars/Olympus' },
          { botId, sessionDuration: -1 }, { botId, sessionDuration: 2_628_000_001 }, { botId, sessionDuration: 1.5 },
          { botId, schedule: 'daily', triggerSchedule: 'hourly' }, { botId, name: 'é'.repeat(96) }, { botId, authenticate: 'yes' },
        ],
        NOT_FOUND: [{ botId: missing }],
      };
      for (const [code, requests] of Object.entries(refused)) {
        for (const request of requests) {
          assert.equal(await refusedWith(code, () => trigger.create(request)), 1, JSON.stringify(request));
        }
      }
      for (const call of [() => trigger.setup(missing), () => trigger.invoke(missing, {})]) {
        assert.equal(await refusedWith('NOT_FOUND', call), 1);
      }
      await bot.delete(botId);
      assert.equal((await trigger.fetch(created.id)).botId, null);
      assert.equal(await refusedWith('BAD_REQUEST', () => trigger.setup(created.id)), 1);
    });

    test('contact', async () => {
      const { contact, conversation } = sdk();
      const given = { name: 'Ann', description: 'D', fingerprint: `fingerprint-${form}-1`, email: 'ann@example.com', phone: '+4722334455', nick: 'a', preferences: 'tea', meta: { a: 1 } };
      const created = await contact.create(given);
      assert.deepEqual(Object.keys(created), ['id']);
      const fetched = await contact.fetch(created.id);
      assert.deepEqual({ ...fetched, ...given }, fetched);
      assert.equal(fetched.verifiedAt, null);
      assert.equal(await refusedWith('CONFLICT', () => contact.create(given)), 1);
      assert.equal(await refusedWith('BAD_REQUEST', () => contact.create({ email: 'no address' })), 1);
      assert.equal(await refusedWith('BAD_REQUEST', () => contact.create({ fingerprint: 'short' })), 1);

      assert.deepEqual(await contact.ensure({ fingerprint: given.fingerprint, name: 'Other' }), { id: created.id });
      assert.equal((await contact.fetch(created.id)).name, 'Ann', 'a found contact stays as it is');
      const wanted = { fingerprint: `fingerprint-${form}-2`, name: 'Bea' };
      const ensured = await Promise.all(Array.from({ length: 8 }, () => contact.ensure(wanted)));
      assert.equal(new Set(ensured.map((one) => one.id)).size, 1, 'eight at once make one contact');
      assert.ok(isTime((await contact.fetch(ensured[0].id)).verifiedAt));

      const { id: conversationId } = await conversation.create({ contactId: created.id });
      const listed = await contact.conversation.list(created.id);
      assert.deepEqual(listed.items.map((one) => one.id), [conversationId]);
      for (const kind of ['task', 'space', 'secret']) {
        assert.deepEqual(await contact[kind].list(created.id), { items: [] }, kind);
        assert.equal(await refusedWith('NOT_FOUND', () => contact[kind].list(missing)), 1);
      }
      assert.equal(await refusedWith('NOT_FOUND', () => contact.conversation.list(missing)), 1);
      await assertUsual(contact, created.id, { name: 'Anna', email: null });
      assert.equal((await conversation.fetch(conversationId)).contactId, null);
    });

    test('conversation', async () => {
      const { bot, contact, conversation } = sdk();
      const { id: botId } = await bot.create({ name: 'B' });
      const { id: contactId } = await contact.ensure({ fingerprint: `conversation-${form}-1` });
      const given = { name: 'Talk', description: 'D', botId, contactId, meta: { a: 1 } };
      const created = await conversation.create(given);
      assert.deepEqual(Object.keys(created), ['id']);
      const fetched = await conversation.fetch(created.id);
      assert.deepEqual(fetched, {
        ...given, id: created.id, taskId: null, spaceId: null, model: null, backstory: null, datasetId: null, skillsetId: null,
        privacy: false, moderation: false, expiresAt: null, createdAt: fetched.createdAt, updatedAt: fetched.updatedAt,
      });
      assert.deepEqual((await conversation.list({ botId })).items.map((one) => one.id), [created.id]);
      assert.deepEqual((await conversation.list({ contactId: `${contactId},${missing}` })).items.map((one) => one.id), [created.id]);

      const messages = [{ type: 'user', text: 'Hi' }, { type: 'bot', text: 'Hello', meta: { x: 1 } }];
      const opened = await conversation.create({ messages, contactId: { fingerprint: `conversation-${form}-2`, name: 'New' } });
      assert.deepEqual(opened.messages.map(({ type, text, meta }) => ({ type, text, meta })), [{ ...messages[0], meta: {} }, messages[1]]);
      const { contactId: made } = await conversation.fetch(opened.id);
      assert.equal((await contact.fetch(made)).name, 'New');

      await assertUsual(conversation, created.id, { name: 'Renamed', botId: null, meta: {} });
      await conversation.delete(opened.id);
      assert.equal(await refusedWith('NOT_FOUND', () => conversation.message.list(opened.id)), 1);
      assert.equal(await refusedWith('NOT_FOUND', () => conversation.create({ botId: missing })), 1);
      assert.equal(await refusedWith('BAD_REQUEST', () => conversation.create({ messages: [{ type: 'nonsense', text: 'x' }] })), 1);
    });

    test('message', async () => {
      const { conversation } = sdk();
      const { id: conversationId } = await conversation.create({});
      const given = { type: 'user', text: 'Grüße \u{1F44B}', meta: { a: 1 } };
      const created = await conversation.message.create(conversationId, given);
      assert.deepEqual(created, { id: created.id, entities: [] });
      const fetched = await conversation.message.fetch(conversationId, created.id);
      assert.deepEqual(fetched, { ...given, id: created.id, name: '', description: '', createdAt: fetched.createdAt, updatedAt: fetched.updatedAt });
      const activity = { type: 'activity', text: '', meta: { activity: { type: 'request', function: { name: 'f', arguments: {} } } } };
      const { id: second } = await conversation.message.create(conversationId, activity);
      const ids = async (request) => (await conversation.message.list(conversationId, request)).items.map((one) => one.id);
      assert.deepEqual(await ids(), [created.id, second], 'oldest first');
      assert.deepEqual(await ids({ order: 'desc' }), [second, created.id]);

      const updated = await conversation.message.update(conversationId, created.id, { text: 'Changed' });
      assert.equal(updated.id, created.id);
      const after = await conversation.message.fetch(conversationId, created.id);
      assert.equal(after.text, 'Changed');
      assert.deepEqual(after.meta, given.meta);
      const lines = await collect(conversation.message.list(conversationId).stream());
      assert.deepEqual(lines.map((line) => line.data.id), [created.id, second]);
      assert.deepEqual(await conversation.message.delete(conversationId, created.id), { id: created.id });
      assert.deepEqual(await ids(), [second]);

      const { id: other } = await conversation.create({});
      const refused = [
        ['NOT_FOUND', () => conversation.message.fetch(conversationId, created.id)],
        ['NOT_FOUND', () => conversation.message.fetch(other, second)],
        ['NOT_FOUND', () => conversation.message.list(missing)],
        ['NOT_FOUND', () => conversation.message.create(missing, given)],
        ['BAD_REQUEST', () => conversation.message.create(conversationId, { type: 'shout', text: 'x' })],
        ['BAD_REQUEST', () => conversation.message.create(conversationId, { type: 'user' })],
        ['BAD_REQUEST', () => conversation.message.create(conversationId, { type: 'activity', text: '' })],
      ];
      for (const [code, call] of refused) assert.equal(await refusedWith(code, call), 1, call.toString());
    });

    test('what is known but not built says so at once', async () => {
      const { bot, skillset, conversation } = sdk();
      const { id: botId } = await bot.create({});
      const { id: skillsetId } = await skillset.create({});
      const { id: abilityId } = await skillset.ability.create(skillsetId, { name: 'a', description: '', instruction: '' });
      const { id: conversationId } = await conversation.create({});
      const calls = [
        () => bot.upvote(botId, {}), () => bot.downvote(botId, {}), () => bot.session.create(botId, {}),
        () => skillset.ability.execute(skillsetId, abilityId, { input: '' }),
        () => conversation.complete(conversationId, { text: 'Hi' }), () => conversation.complete(null, { messages: [{ type: 'user', text: 'Hi' }] }),
        () => conversation.dispatch(conversationId, { text: 'Hi' }), () => conversation.send(conversationId, { text: 'Hi' }),
        () => conversation.receive(conversationId, {}), () => conversation.upvote(conversationId, {}),
        () => conversation.session.create(conversationId, {}),
      ];
      for (const call of calls) assert.equal(await refusedWith('NOT_IMPLEMENTED', call), 1, call.toString());
    });
  });
}
