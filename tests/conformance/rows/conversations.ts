import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused } from '../support/requests.ts';
import { outOfScope, type Family, type Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

type Request = Parameters<Stage['sdk']['conversation']['create']>[0];
type Change = Parameters<Stage['sdk']['conversation']['update']>[1];

const usual = usualRows<Request, Change>({
  base: '/conversation', parameter: 'conversationId', sdk: 'conversation',
  client: (sdk) => sdk.conversation,
  sample: {},
  full: async ({ sdk, unique }: Stage) => wrong({  // its type has lost `botId`
    name: 'Talk', description: 'D', botId: (await sdk.bot.create({})).id,
    contactId: (await sdk.contact.ensure({ fingerprint: unique('fingerprint') })).id, meta: { a: 1 },
  }),
  beside: () => ({
    taskId: null, spaceId: null, model: null, backstory: null, datasetId: null, skillsetId: null, privacy: false, moderation: false,
    expiresAt: null,
  }),
  change: { name: 'Renamed', meta: {} },
  refused: async () => [
    ['NOT_FOUND', wrong({ botId: missing })],
    ['NOT_FOUND', { contactId: missing }],
    ['BAD_REQUEST', wrong({ messages: [{ type: 'nonsense', text: 'x' }] })],
    ['BAD_REQUEST', wrong({ contactId: 7 })],
  ],
  notes: { create: { standing: 'same', why: '`spaceId` is kept and not shown' } },
});

const opensWithMessages = async ({ sdk, unique }: Stage) => {
  const messages = [{ type: 'user' as const, text: 'Hi' }, { type: 'bot' as const, text: 'Hello', meta: { x: 1 } }];
  const described = { fingerprint: unique('fingerprint'), name: 'New' };
  const opened = await sdk.conversation.create(wrong({ messages, contactId: described }));
  const echoed = opened.messages as { type: string; text: string; meta: object }[];
  assert.deepEqual(echoed.map(({ type, text, meta }) => ({ type, text, meta })), [{ ...messages[0], meta: {} }, messages[1]]);
  const { contactId } = await sdk.conversation.fetch(opened.id);
  assert.equal((await sdk.contact.fetch(contactId!)).name, 'New');
  const { items } = await sdk.conversation.message.list(opened.id);
  assert.deepEqual(items.map((one) => one.text), ['Hi', 'Hello']);
};

const isFiltered = async ({ sdk }: Stage) => {
  const { id: botId } = await sdk.bot.create({});
  const { id: contactId } = await sdk.contact.create({});
  const { id } = await sdk.conversation.create(wrong({ botId, contactId }));
  const ids = async (request: object) => (await sdk.conversation.list(request)).items.map((one) => one.id);
  assert.deepEqual(await ids({ botId }), [id]);
  assert.deepEqual(await ids({ contactId: `${contactId},${missing}` }), [id]);
  assert.deepEqual(await ids({ botId: missing }), []);
};

const takesItsMessages = async ({ sdk }: Stage) => {
  const { id } = await sdk.conversation.create({ messages: [{ type: 'user', text: 'Hi' }] });
  await sdk.conversation.delete(id);
  await assertRefused('NOT_FOUND', () => sdk.conversation.message.list(id));
};

const exported: Row = {
  http: 'GET /conversation/export', standing: 'same',
  check: async ({ sdk, api }) => {
    const { id } = await sdk.conversation.create({ name: 'Talk "x"' });
    const csv = await api.call('GET', '/conversation/export', { headers: { accept: 'text/csv' } });
    assert.match(csv.text, /"Talk ""x"""/);
    assert.equal((await api.get('/conversation/export', { take: '1' })).items[0].id, id);
  },
};

const usage: Row = {
  http: 'GET /conversation/{conversationId}/usage/fetch', standing: 'same',
  check: async ({ sdk, api }) => {
    const { id } = await sdk.conversation.create({ messages: [{ type: 'user', text: 'Hi' }] });
    const { tokens, messages } = await api.get(`/conversation/${id}/usage/fetch`);
    assert.deepEqual([typeof tokens, messages], ['number', 1]);
  },
};

type MessageRequest = Parameters<Stage['sdk']['conversation']['message']['create']>[1];
type MessageChange = Parameters<Stage['sdk']['conversation']['message']['update']>[2];
const base = '/conversation/{conversationId}/message';
const message = usualRows<MessageRequest, MessageChange>({
  base, parameter: 'messageId', sdk: 'conversation.message', arguments: ['cid,req?', 'cid,mid', 'cid,req'],
  client: (sdk, id) => {
    const { message } = sdk.conversation;
    const cid = id('conversationId');
    return {
      list: (request) => message.list(cid, request),
      fetch: (mid) => message.fetch(cid, mid),
      create: (request) => message.create(cid, request),
      update: (mid, request) => message.update(cid, mid, request),
      delete: (mid) => message.delete(cid, mid),
    };
  },
  prepare: async ({ sdk }) => ({ conversationId: (await sdk.conversation.create({})).id }),
  sample: { type: 'user', text: 'x' },
  full: async () => ({ type: 'user' as const, text: 'Grüße \u{1F44B}', meta: { a: 1 } }),
  beside: () => ({ name: '', description: '' }),
  createdKeys: ['id', 'entities'],
  order: 'asc',
  change: { text: 'Changed' },
  refused: async () => [
    ['BAD_REQUEST', wrong({ type: 'shout', text: 'x' })],
    ['BAD_REQUEST', wrong({ type: 'user' })],
    ['BAD_REQUEST', { type: 'activity', text: '' }],
  ],
  notes: { list: { standing: 'same', why: 'oldest first unless `order` says otherwise' } },
});

const inItsConversation = async ({ sdk }: Stage) => {
  const { id } = await sdk.conversation.create({});
  const { id: mid } = await sdk.conversation.message.create(id, { type: 'user', text: 'x' });
  const { id: other } = await sdk.conversation.create({});
  await assertRefused('NOT_FOUND', () => sdk.conversation.message.fetch(other, mid));
};

const recordsActivities = async ({ sdk }: Stage) => {
  const { id } = await sdk.conversation.create({});
  const meta = { activity: { type: 'request', function: { name: 'f', arguments: {} } } };
  const { id: mid } = await sdk.conversation.message.create(id, { type: 'activity', text: '', meta });
  assert.deepEqual((await sdk.conversation.message.fetch(id, mid)).meta, meta);
};

const upsert: Row = {
  http: 'POST /conversation/{conversationId}/contact/upsert', standing: 'same',
  check: async ({ sdk, api, unique }) => {
    const { id } = await sdk.conversation.create({});
    const path = `/conversation/${id}/contact/upsert`;
    assert.equal((await api.call('POST', path, { body: {} })).status, 400, 'nobody is described');
    const made = await api.post(path, { fingerprint: unique('fingerprint') });
    assert.equal((await sdk.conversation.fetch(id)).contactId, made.id);
    assert.equal((await api.post(path, { fingerprint: unique('fingerprint') })).id, made.id, 'it has one');
  },
};

const chat = 'no chat with a person';
const one = '/conversation/{conversationId}';
export const conversations: Family = {
  name: 'conversation, message',
  rows: [
    ...[
      ['POST /conversation/create', opensWithMessages], ['GET /conversation/list', isFiltered], [`POST ${one}/delete`, takesItsMessages],
    ].reduce((rows, [http, more]) => extended(rows, http as string, more as (stage: Stage) => Promise<void>), usual),
    exported, usage,
    ...extended(extended(message, `GET ${base}/{messageId}/fetch`, inItsConversation), `POST ${base}/create`, recordsActivities),
    outOfScope('POST /conversation/complete', chat, 'conversation.complete(null,req)',
      (sdk) => sdk.conversation.complete(null, { messages: [{ type: 'user', text: 'Hi' }] })),
    outOfScope(`POST ${one}/complete`, chat, 'conversation.complete(id,req)', (sdk, id) => sdk.conversation.complete(id('conversationId'), { text: 'Hi' })),
    outOfScope('POST /conversation/dispatch', chat, 'conversation.dispatch(null,req)',
      (sdk) => sdk.conversation.dispatch(null, { messages: [{ type: 'user', text: 'Hi' }] })),
    outOfScope(`POST ${one}/dispatch`, chat, 'conversation.dispatch(id,req)', (sdk, id) => sdk.conversation.dispatch(id('conversationId'), { text: 'Hi' })),
    outOfScope(`POST ${one}/send`, chat, 'conversation.send(id,req)', (sdk, id) => sdk.conversation.send(id('conversationId'), { text: 'Hi' })),
    outOfScope(`POST ${one}/receive`, chat, 'conversation.receive(id,req)', (sdk, id) => sdk.conversation.receive(id('conversationId'), {})),
    outOfScope(`POST ${one}/upvote`, 'votes are not kept', 'conversation.upvote(id,req)', (sdk, id) => sdk.conversation.upvote(id('conversationId'), {})),
    outOfScope(`POST ${one}/downvote`, 'votes are not kept', 'conversation.downvote(id,req)', (sdk, id) => sdk.conversation.downvote(id('conversationId'), {})),
    outOfScope(`POST ${one}/session/create`, chat, 'conversation.session.create(id,req)', (sdk, id) => sdk.conversation.session.create(id('conversationId'), {})),
    outOfScope('POST /Attachment/{conversationId}/upload', 'no attachments', 'conversation.attachment.upload(id,{name,type,data})',
      (sdk, id) => sdk.conversation.attachment.upload(id('conversationId'), { name: 'a', type: 'text/plain', data: 'x' })),
    outOfScope(`POST ${one}/attachment/upload`, 'no attachments'),
    outOfScope(`GET ${one}/attachment/list`, 'no attachments'),
    outOfScope(`POST ${one}/compact`, chat),
    upsert,
    outOfScope(`POST ${base}/{messageId}/upvote`, 'votes are not kept', 'conversation.message.upvote(cid,mid,req)',
      (sdk, id) => sdk.conversation.message.upvote(id('conversationId'), id('messageId'), {})),
    outOfScope(`POST ${base}/{messageId}/downvote`, 'votes are not kept', 'conversation.message.downvote(cid,mid,req)',
      (sdk, id) => sdk.conversation.message.downvote(id('conversationId'), id('messageId'), {})),
    outOfScope(`POST ${base}/{messageId}/synthesize`, 'no speech'),
  ],
};
