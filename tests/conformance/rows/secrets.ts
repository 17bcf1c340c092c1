import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused } from '../support/requests.ts';
import type { Family, Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const makeSecret = async ({ sdk }: Stage, fields: object = {}) => (await sdk.secret.create(fields)).id;

const usual = usualRows({
  base: '/secret', parameter: 'secretId', sdk: 'secret', hasAlias: true,
  client: (sdk) => sdk.secret,
  sample: {},
  full: async ({ unique }: Stage) => ({
    alias: unique('secret'), name: 'Shop key', description: 'D', kind: 'shared' as const, type: 'bearer' as const, value: 'top-secret-value',
    visibility: 'private' as const, meta: { a: 1 },
  }),
  never: ['value'],
  beside: () => ({ blueprintId: null, config: null }),
  change: { name: 'Renamed', type: 'plain' as const },
  refused: async () => [
    ['BAD_REQUEST', wrong({ type: 'magic' })],
    ['BAD_REQUEST', wrong({ kind: 'ours' })],
    ['BAD_REQUEST', wrong({ value: 7 })],
    ['CONFLICT', { kind: 'personal', value: 'x' }],
    ['NOT_FOUND', { blueprintId: missing }],
  ],
  notes: { create: { standing: 'differs', why: 'without `kind` the value is kept, as `shared`' } },
});

const neverShowsIt = async (stage: Stage) => {
  const value = stage.unique('value');
  const id = await makeSecret(stage, { value, type: 'plain' });
  for (const path of [`/secret/${id}/fetch`, '/secret/list']) {
    const { text } = await stage.api.call('GET', path);
    assert.ok(!text.includes(value), path);
  }
};

const masks = async (stage: Stage) => {
  const clientSecret = stage.unique('client');
  const config = { clientId: 'c', clientSecret, authorizationUrl: 'https://id.example/authorize', tokenUrl: 'https://id.example/token' };
  const id = await makeSecret(stage, { type: 'oauth', config });
  const fetched = await stage.sdk.secret.fetch(id);
  assert.deepEqual(fetched.config, { ...config, clientSecret: '********' });
  await stage.sdk.secret.update(id, { config: fetched.config! });
  assert.deepEqual((await stage.sdk.secret.fetch(id)).config, fetched.config);
};

const verify: Row = {
  http: 'POST /secret/{secretId}/verify', sdk: 'secret.verify(id)', standing: 'same',
  call: (sdk, id) => sdk.secret.verify(id('secretId')),
  check: async (stage) => {
    const filled = await makeSecret(stage, { type: 'plain', value: 'x-value' });
    assert.deepEqual(await stage.sdk.secret.verify(filled), { id: filled, status: 'authenticated' });
    const empty = await makeSecret(stage, { type: 'plain' });
    const { status } = await stage.sdk.secret.verify(empty);
    assert.equal(status, 'unauthenticated');
  },
};

const revoke: Row = {
  http: 'POST /secret/{secretId}/revoke', sdk: 'secret.revoke(id)', standing: 'same',
  call: (sdk, id) => sdk.secret.revoke(id('secretId')),
  check: async (stage) => {
    const id = await makeSecret(stage, { kind: 'personal', type: 'bearer' });
    const { id: contactId } = await stage.sdk.contact.create({});
    const status = async () => (await stage.sdk.contact.secret.verify(contactId, id)).status;
    await stage.api.post(`/contact/${contactId}/secret/${id}/update`, { value: 'theirs' });
    assert.equal(await status(), 'authenticated');
    assert.deepEqual(await stage.sdk.secret.revoke(id), { id });
    assert.equal(await status(), 'unauthenticated', 'the values that contacts gave it are gone');
    const shared = await makeSecret(stage, { type: 'plain', value: 'ours-value' });
    await stage.sdk.secret.revoke(shared);
    assert.equal((await stage.sdk.secret.verify(shared)).status, 'authenticated', 'a value of its own stays');
  },
};

const authenticate: Row = {
  http: 'POST /secret/{secretId}/authenticate', sdk: 'secret.authenticate(id)', standing: 'differs', why: '400 for types without a log-in',
  call: (sdk, id) => sdk.secret.authenticate(id('secretId')),
  check: async (stage) => {
    const id = await makeSecret(stage, { type: 'plain', value: 'x-value' });
    await assertRefused('BAD_REQUEST', () => stage.sdk.secret.authenticate(id));
  },
};

export const secrets: Family = {
  name: 'secret',
  rows: [
    ...extended(extended(usual, 'GET /secret/{secretId}/fetch', neverShowsIt), 'POST /secret/{secretId}/update', masks),
    verify, revoke, authenticate,
  ],
};
