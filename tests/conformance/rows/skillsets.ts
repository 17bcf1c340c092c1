import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused, collect } from '../support/requests.ts';
import { type Family, type Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const skillset = usualRows({
  base: '/skillset', parameter: 'skillsetId', sdk: 'skillset', hasAlias: true,
  client: (sdk) => sdk.skillset,
  sample: {},
  full: async ({ unique }: Stage) => ({
    alias: unique('skillset'), name: 'Skills', description: 'D', visibility: 'public' as const, meta: { a: 1 },
  }),
  beside: () => ({ blueprintId: null, state: 'enabled' }),
  change: { name: 'Renamed', description: '' },
  refused: async () => [
    ['BAD_REQUEST', wrong({ meta: [] })],
    ['BAD_REQUEST', wrong({ state: 'sleeping' })],
    ['NOT_FOUND', { blueprintId: missing }],
  ],
});

const links = ['secretId', 'fileId', 'botId', 'spaceId'].flatMap((name) => [name, `linked${name[0]!.toUpperCase()}${name.slice(1)}`]);
const ability = usualRows({
  base: '/skillset/{skillsetId}/ability', parameter: 'abilityId', sdk: 'skillset.ability',
  arguments: ['sid,req?', 'sid,aid', 'sid,req'],
  client: (sdk, id) => {
    const { ability } = sdk.skillset;
    const sid = id('skillsetId');
    return {
      list: (request) => ability.list(sid, request),
      fetch: (aid) => ability.fetch(sid, aid),
      create: (request: Parameters<typeof ability.create>[1]) => ability.create(sid, request),
      update: (aid, request: Parameters<typeof ability.update>[2]) => ability.update(sid, aid, request),
      delete: (aid) => ability.delete(sid, aid),
    };
  },
  prepare: async ({ sdk }) => ({ skillsetId: (await sdk.skillset.create({})).id }),
  sample: {},
  full: async () => ({ name: 'note', description: 'Notes', instruction: '```echo\nhi\n```', meta: { a: 1 } }),
  beside: (id) => ({
    skillsetId: id('skillsetId'), alias: null, blueprintId: null, state: 'enabled', ...Object.fromEntries(links.map((name) => [name, null])),
  }),
  change: { name: 'renamed', instruction: 'do it' },
  refused: async ({ sdk }: Stage) => [
    ['BAD_REQUEST', { name: 'x'.repeat(257) }],
    ['BAD_REQUEST', { description: 'x'.repeat(513) }],
    ['BAD_REQUEST', { instruction: 'x'.repeat(65_536) }],
    ['BAD_REQUEST', wrong({ botId: (await sdk.bot.create({})).id, linkedBotId: (await sdk.bot.create({})).id })],
    ['NOT_FOUND', { botId: missing }],
  ],
});

const exported: Row = {
  http: 'GET /skillset/{skillsetId}/ability/export', sdk: 'skillset.ability.export(sid,req?)', standing: 'same',
  call: (sdk, id) => sdk.skillset.ability.export(id('skillsetId')),
  check: async ({ sdk, api }) => {
    const { id: sid } = await sdk.skillset.create({});
    const { id } = await sdk.skillset.ability.create(sid, { name: 'note "x"' });
    const fetched = await sdk.skillset.ability.fetch(sid, id);
    assert.deepEqual((await sdk.skillset.ability.export(sid)).items, [fetched]);
    assert.deepEqual(await collect(sdk.skillset.ability.export(sid).stream()), [{ type: 'item', data: fetched }]);
    const csv = await api.call('GET', `/skillset/${sid}/ability/export`, { headers: { accept: 'text/csv' } });
    assert.match(csv.headers.get('content-type')!, /^text\/csv/);
    assert.match(csv.text, /"note ""x"""/);
  },
};

const inItsSkillset = async ({ sdk }: Stage) => {
  const { id: sid } = await sdk.skillset.create({});
  const { id } = await sdk.skillset.ability.create(sid, {});
  const { id: other } = await sdk.skillset.create({});
  await assertRefused('NOT_FOUND', () => sdk.skillset.ability.fetch(other, id));
};

const takesItsAbilities = async ({ sdk }: Stage) => {
  const { id: sid } = await sdk.skillset.create({});
  const { id } = await sdk.skillset.ability.create(sid, {});
  const { id: bot } = await sdk.bot.create({ skillsetId: sid });
  await sdk.skillset.delete(sid);
  assert.equal((await sdk.bot.fetch(bot)).skillsetId, null);
  await assertRefused('NOT_FOUND', () => sdk.skillset.ability.fetch(sid, id));
};

const executed: Row = {
  http: 'POST /skillset/{skillsetId}/ability/{abilityId}/execute', sdk: 'skillset.ability.execute(sid,aid,req)', standing: 'same',
  call: (sdk, id) => sdk.skillset.ability.execute(id('skillsetId'), id('abilityId'), {}),
  check: async ({ sdk }) => {
    const { id: sid } = await sdk.skillset.create({});
    const { id } = await sdk.skillset.ability.create(sid, { name: 'repeat', instruction: '```echo\n{"city": $[city! js|where]}\n```' });
    const tried = await sdk.skillset.ability.execute(sid, id, { input: '{"city":"Oslo"}' });
    assert.deepEqual(tried.result, { city: 'Oslo' });
    assert.deepEqual(tried.usage, { token: 0 });
    assert.equal(tried.error, undefined);
    assert.equal(tried.messages?.length, 2);
    assert.deepEqual((await sdk.skillset.ability.execute(sid, id, { input: 'Bergen' })).result, { city: 'Bergen' });
    const failed = await sdk.skillset.ability.execute(sid, id, {});
    assert.match(failed.error ?? '', /city/);
    assert.equal(failed.result, undefined);
    await assertRefused('NOT_FOUND', () => sdk.skillset.ability.execute(sid, id, { contactId: missing }));
  },
};

export const skillsets: Family = {
  name: 'skillset, ability',
  rows: [
    ...extended(skillset, 'POST /skillset/{skillsetId}/delete', takesItsAbilities),
    ...extended(ability, 'GET /skillset/{skillsetId}/ability/{abilityId}/fetch', inItsSkillset),
    exported,
    executed,
  ],
};
