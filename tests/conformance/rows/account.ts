import assert from 'node:assert/strict';

import type { Family, Row } from '../support/row.ts';
import type { Stage } from '../support/stage.ts';

const usage: Row[] = [
  {
    http: 'GET /usage/fetch', sdk: 'usage.fetch()', standing: 'same',
    call: (sdk) => sdk.usage.fetch(),
    check: async ({ sdk }) => {
      const before = await sdk.usage.fetch();
      for (const name of ['tokens', 'conversations', 'messages'] as const) assert.equal(typeof before[name], 'number', name);
      for (const name of ['datasets', 'records', 'skillsets', 'abilities', 'files', 'users'] as const) {
        assert.equal(typeof before.database[name], 'number', name);
      }
      await sdk.skillset.create({});
      assert.equal((await sdk.usage.fetch()).database.skillsets, before.database.skillsets + 1);
    },
  },
  {
    http: 'GET /usage/series/fetch', sdk: 'usage.series.fetch()', standing: 'same',
    call: (sdk) => sdk.usage.series.fetch(),
    check: async (stage) => {
      const { sdk } = stage;
      const series = await sdk.usage.series.fetch();
      for (const name of ['tokens', 'conversations', 'messages'] as const) {
        for (const point of series[name]) {
          assert.ok(stage.isTime(point.date), String(point.date));
          assert.equal(typeof point.total, 'number');
        }
        assert.deepEqual(series[name].map((one) => one.date), series[name].map((one) => one.date).toSorted());
      }
    },
  },
  {
    http: 'GET /usage/list', standing: 'same',
    check: async ({ api }) => {
      const botId = await api.createBot();
      const trigger = await api.createTrigger({ botId });
      await api.ended(await api.fire(trigger, { body: 'x' }));
      const { items } = await api.get('/usage/list', { triggerId: trigger.id });
      const parts = items as { triggerId: string; botId: string; runs: number; modelCalls: number }[];
      for (const one of parts) assert.deepEqual([one.triggerId, one.botId], [trigger.id, botId]);
      assert.equal(parts.reduce((sum, one) => sum + one.runs, 0), 1);
      assert.ok(parts.reduce((sum, one) => sum + one.modelCalls, 0) > 0);
    },
  },
];

const models: Row = {
  http: 'GET /platform/model/list', sdk: 'platform.model.list(req?)', standing: 'differs', why: 'the models of this server; `maxTokens`, `maxInputTokens` and `maxOutputTokens` are `null`: only their provider knows',
  call: (sdk) => sdk.platform.model.list(),
  check: async ({ sdk }) => {
    const page = await sdk.platform.model.list();
    assert.ok(page.items.some((one) => one.id.includes('demo')), 'the built-in one is there');
    for (const one of page.items) {
      for (const name of ['provider', 'family'] as const) assert.equal(typeof one[name], 'string', name);
      for (const name of ['maxTokens', 'maxInputTokens', 'maxOutputTokens'] as const) assert.equal(one[name], null, name);
    }
    assert.deepEqual((await sdk.platform.model.list({ cursor: page.cursor })).items, []);
  },
};

const makeToken = (stage: Stage, fields: object = {}) => stage.api.post('/token/create', fields);
const tokens: Row[] = [
  {
    http: 'POST /token/create', standing: 'ours', why: 'a token of the own account; also `scopes`, `expiresAt`, `timestamps`',
    check: async (stage) => {
      const made = await makeToken(stage, { name: 'T' });
      assert.match(made.token, /^sk-[0-9a-f]{64}$/);
      assert.ok((await stage.with(made.token).bot.list()).items);
      for (const body of [{ scopes: ['everything'] }, { expiresAt: 'soon' }, { config: { contactId: 'x' } }]) {
        assert.equal((await stage.api.call('POST', '/token/create', { body })).status, 400, JSON.stringify(body));
      }
    },
  },
  {
    http: 'GET /token/list', standing: 'ours', why: 'never the token itself',
    check: async (stage) => {
      const made = await makeToken(stage);
      const reply = await stage.api.call('GET', '/token/list');
      assert.ok(reply.body.items.some((one: { id: string }) => one.id === made.id));
      assert.ok(!reply.text.includes(made.token));
    },
  },
  {
    http: 'GET /token/{tokenId}/fetch', standing: 'ours',
    check: async (stage) => {
      const made = await makeToken(stage, { name: 'T' });
      const fetched = await stage.api.get(`/token/${made.id}/fetch`);
      assert.equal(fetched.name, 'T');
      assert.equal(fetched.token, undefined);
    },
  },
  {
    http: 'POST /token/{tokenId}/update', standing: 'ours',
    check: async (stage) => {
      const made = await makeToken(stage);
      await stage.api.post(`/token/${made.id}/update`, { scopes: ['read'] });
      assert.deepEqual((await stage.api.get(`/token/${made.id}/fetch`)).scopes, ['read']);
      assert.equal((await stage.server.api(made.token).call('POST', '/bot/create', { body: {} })).status, 403, 'at once');
    },
  },
  {
    http: 'POST /token/{tokenId}/delete', standing: 'ours',
    check: async (stage) => {
      const made = await makeToken(stage);
      await stage.api.post(`/token/${made.id}/delete`);
      assert.equal((await stage.server.api(made.token).call('GET', '/bot/list')).status, 401, 'at once');
    },
  },
];

const admin = { standing: 'ours', scope: 'admin' } as const;
const turn = (to: 'disable' | 'enable', answers: number): Row => ({
  http: `POST /account/{accountId}/${to}`, ...admin, why: to === 'disable' ? 'locks it out' : 'lets it in again',
  check: async (stage) => {
    const made = await stage.api.post('/account/create', { name: 'A' });
    if (to === 'enable') await stage.api.post(`/account/${made.id}/disable`);
    await stage.api.post(`/account/${made.id}/${to}`);
    assert.equal((await stage.server.api(made.token).call('GET', '/bot/list')).status, answers);
  },
});
const accounts: Row[] = [
  {
    http: 'POST /account/create', ...admin, why: 'another account, with its first token',
    check: async (stage) => {
      const made = await stage.api.post('/account/create', { name: 'A' });
      assert.match(made.token, /^sk-[0-9a-f]{64}$/);
      assert.deepEqual((await stage.with(made.token).bot.list()).items, []);
    },
  },
  {
    http: 'GET /account/list', ...admin,
    check: async (stage) => {
      const { id } = await stage.api.post('/account/create', { name: stage.unique('account') });
      const { items } = await stage.api.get('/account/list');
      assert.ok(items.some((one: { id: string }) => one.id === id));
    },
  },
  turn('disable', 401), turn('enable', 200),
];

export const account: Family = { name: 'usage, models, tokens, accounts', rows: [...usage, models, ...tokens, ...accounts] };
