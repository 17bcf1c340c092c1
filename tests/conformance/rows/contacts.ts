import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused, collect } from '../support/requests.ts';
import type { Family, Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const makeContact = async ({ sdk }: Stage, fields: object = {}) => (await sdk.contact.create(fields)).id;

const usual = usualRows({
  base: '/contact', parameter: 'contactId', sdk: 'contact',
  client: (sdk) => sdk.contact,
  sample: {},
  full: async ({ unique }: Stage) => ({
    name: 'Ann', description: 'D', fingerprint: unique('fingerprint'), email: 'ann@example.com', phone: '+4722334455', nick: 'a',
    preferences: 'tea', meta: { a: 1 },
  }),
  beside: () => ({ verifiedAt: null }),
  change: { name: 'Anna', nick: 'n' },
  refused: async (stage: Stage) => {
    const fingerprint = stage.unique('fingerprint');
    await makeContact(stage, { fingerprint });
    return [
      ['BAD_REQUEST', { email: 'no address' }],
      ['BAD_REQUEST', { fingerprint: 'short' }],
      ['BAD_REQUEST', wrong({ name: 7 })],
      ['CONFLICT', { fingerprint }],
    ];
  },
  notes: { create: { standing: 'same', why: 'a known fingerprint is 409: `ensure` finds it' } },
});

const keepsConversations = async (stage: Stage) => {
  const { sdk } = stage;
  const contactId = await makeContact(stage);
  const { id } = await sdk.conversation.create({ contactId });
  await sdk.contact.delete(contactId);
  assert.equal((await sdk.conversation.fetch(id)).contactId, null);
};

const ensure: Row = {
  http: 'POST /contact/ensure', sdk: 'contact.ensure(req)', standing: 'differs', why: 'a found but unverified contact is given, not refused',
  call: (sdk) => sdk.contact.ensure({ fingerprint: 'of-nobody-at-all-1' }),
  check: async (stage) => {
    const { contact } = stage.sdk;
    const fingerprint = stage.unique('fingerprint');
    const id = await makeContact(stage, { fingerprint, name: 'Ann' });
    assert.deepEqual(await contact.ensure({ fingerprint, name: 'Other' }), { id });
    assert.equal((await contact.fetch(id)).name, 'Ann', 'a found contact stays as it is');
    const wanted = { fingerprint: stage.unique('fingerprint'), name: 'Bea' };
    const ensured = await Promise.all(Array.from({ length: 8 }, () => contact.ensure(wanted)));
    assert.equal(new Set(ensured.map((one) => one.id)).size, 1, 'eight at once make one contact');
    assert.ok(stage.isTime((await contact.fetch(ensured[0]!.id)).verifiedAt));
    const { id: claimed } = await contact.ensure(wrong({ email: 'claimed@example.com' }));
    assert.equal((await contact.fetch(claimed)).verifiedAt, null);
    await assertRefused('BAD_REQUEST', () => contact.ensure({ fingerprint: 'short' }));
    await assertRefused('BAD_REQUEST', () => contact.ensure(wrong({})));
  },
};

const exported: Row = {
  http: 'GET /contact/export', standing: 'same',
  check: async (stage) => {
    const id = await makeContact(stage, { name: 'Ann "A"' });
    const csv = await stage.api.call('GET', '/contact/export', { headers: { accept: 'text/csv' } });
    assert.match(csv.text, /"Ann ""A"""/);
    const { items } = await stage.api.get('/contact/export', { take: '1' });
    assert.equal(items[0].id, id);
  },
};

const conversations: Row = {
  http: 'GET /contact/{contactId}/conversation/list', sdk: 'contact.conversation.list(cid,req?)', standing: 'same',
  call: (sdk, id) => sdk.contact.conversation.list(id('contactId')),
  check: async (stage) => {
    const { sdk } = stage;
    const contactId = await makeContact(stage);
    const { id } = await sdk.conversation.create({ contactId });
    await sdk.conversation.create({});
    const { items } = await sdk.contact.conversation.list(contactId);
    assert.deepEqual(items, [await sdk.conversation.fetch(id)]);
    assert.deepEqual(await collect(sdk.contact.conversation.list(contactId).stream()), [{ type: 'item', data: items[0] }]);
  },
};

// Of what a contact has elsewhere, and can't have here.
const nothingOf = (kind: 'task' | 'space' | 'memory' | 'rating', sdkName?: 'task' | 'space'): Row => ({
  http: `GET /contact/{contactId}/${kind}/list`, standing: 'differs', why: 'always empty',
  ...(sdkName ? { sdk: `contact.${sdkName}.list(cid,req?)`, call: (sdk, id) => sdk.contact[sdkName].list(id('contactId')) } : {}),
  check: async (stage) => {
    const id = await makeContact(stage);
    assert.deepEqual(await stage.api.get(`/contact/${id}/${kind}/list`), { items: [] });
  },
});

const memories: Row = {
  http: 'POST /contact/{contactId}/memory/search', body: { search: 'x' }, standing: 'differs', why: 'always empty',
  check: async (stage) => {
    const id = await makeContact(stage);
    assert.deepEqual((await stage.api.post(`/contact/${id}/memory/search`, { search: 'tea' })).items, []);
  },
};

const secret = '/contact/{contactId}/secret';
const secretAction = (verb: 'verify' | 'revoke' | 'authenticate'): Row => ({
  http: `POST ${secret}/{secretId}/${verb}`, sdk: `contact.secret.${verb}(cid,sid)`, standing: 'same',
  call: (sdk, id) => sdk.contact.secret[verb](id('contactId'), id('secretId')),
  check: async (stage) => {
    const contactId = await makeContact(stage);
    const { id } = await stage.sdk.secret.create({ kind: 'personal', type: 'plain' });
    const { secret } = stage.sdk.contact;
    if (verb === 'authenticate') await assertRefused('BAD_REQUEST', () => secret.authenticate(contactId, id));
    else assert.equal((await secret[verb](contactId, id)).id, id);
    if (verb === 'revoke') {
      const status = async () => (await secret.verify(contactId, id)).status;
      await stage.api.post(`/contact/${contactId}/secret/${id}/update`, { value: 'theirs' });
      assert.equal(await status(), 'authenticated');
      await secret.revoke(contactId, id);
      assert.equal(await status(), 'unauthenticated');
    }
    await assertRefused('NOT_FOUND', () => secret[verb](contactId, missing));
    await assertRefused('NOT_FOUND', () => secret[verb](missing, id));
  },
});
const secrets: Row = {
  http: `GET ${secret}/list`, sdk: 'contact.secret.list(cid,req?)', standing: 'same',
  call: (sdk, id) => sdk.contact.secret.list(id('contactId')),
  check: async (stage) => {
    const id = await makeContact(stage);
    assert.deepEqual((await stage.sdk.contact.secret.list(id)).items, []);
    const { id: secretId } = await stage.sdk.secret.create({ name: 'Mail', kind: 'personal', type: 'bearer' });
    await stage.api.post(`/contact/${id}/secret/${secretId}/update`, { value: 'theirs' });
    const { items } = await stage.sdk.contact.secret.list(id);
    assert.deepEqual(items.map((one) => [one.id, one.name, one.type]), [[secretId, 'Mail', 'bearer']]);
    assert.ok(!JSON.stringify(items).includes('theirs'), 'never the value');
  },
};

export const contacts: Family = {
  name: 'contact',
  rows: [
    ...extended(usual, 'POST /contact/{contactId}/delete', keepsConversations), ensure, exported, conversations,
    nothingOf('task', 'task'), nothingOf('space', 'space'), nothingOf('memory'), nothingOf('rating'), memories,
    secrets, secretAction('verify'), secretAction('revoke'), secretAction('authenticate'),
  ],
};
