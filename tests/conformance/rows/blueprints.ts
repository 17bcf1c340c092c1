import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused } from '../support/requests.ts';
import { outOfScope, type Family, type Row } from '../support/row.ts';
import type { Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

type Resources = Record<string, (Record<string, unknown> & { id: string })[] | undefined>;
const categories = ['bot', 'dataset', 'skillset', 'ability', 'secret', 'file', 'task', 'triggerIntegration'];

// A blueprint with a bot, its skillset and a trigger of it.
async function furnish({ sdk }: Stage) {
  const { id: blueprintId } = await sdk.blueprint.create({ name: 'Shop', meta: { a: 1 } });
  const { id: skillsetId } = await sdk.skillset.create({ name: 'S', blueprintId });
  const { id: botId } = await sdk.bot.create({ name: 'B', blueprintId, skillsetId });
  const { id: trigger } = await sdk.integration.trigger.create({ name: 'T', blueprintId, botId });
  return { blueprintId, skillsetId, botId, trigger };
}

const usual = usualRows({
  base: '/blueprint', parameter: 'blueprintId', sdk: 'blueprint', hasAlias: true,
  client: (sdk) => sdk.blueprint,
  sample: {},
  full: async ({ unique }: Stage) => ({
    alias: unique('blueprint'), name: 'Shop', description: 'D', visibility: 'public' as const, meta: { a: 1 },
  }),
  beside: () => ({ config: {} }),
  change: { name: 'Renamed', meta: { b: 2 } },
  refused: async () => [
    ['BAD_REQUEST', wrong({ name: 7 })],
    ['BAD_REQUEST', wrong({ visibility: 'secret' })],
  ],
});

const groups = async (stage: Stage) => {
  const { sdk } = stage;
  const { blueprintId, botId } = await furnish(stage);
  const { items } = (await sdk.bot.list(wrong({ blueprintId }))) as { items: { id: string }[] };
  assert.deepEqual(items.map((one) => one.id), [botId], 'lists are narrowed by it');
};

const leavesOrTakes = async (stage: Stage) => {
  const { sdk } = stage;
  const left = await furnish(stage);
  await sdk.blueprint.delete(left.blueprintId);
  assert.equal((await sdk.bot.fetch(left.botId)).blueprintId, null);
  const taken = await furnish(stage);
  assert.deepEqual(await sdk.blueprint.delete(taken.blueprintId, { deleteResources: true }), { id: taken.blueprintId });
  await assertRefused('NOT_FOUND', () => sdk.bot.fetch(taken.botId));
  await assertRefused('NOT_FOUND', () => sdk.skillset.fetch(taken.skillsetId));
  await assertRefused('NOT_FOUND', () => sdk.integration.trigger.fetch(taken.trigger));
  const { id } = await sdk.blueprint.create({});
  await assertRefused('BAD_REQUEST', () => sdk.blueprint.delete(id, wrong({ deleteResources: 'all' })));
};

const resources: Row = {
  http: 'GET /blueprint/{blueprintId}/resource/list', sdk: 'blueprint.listResources(id)', standing: 'same',
  call: (sdk, id) => sdk.blueprint.listResources(id('blueprintId')),
  check: async (stage) => {
    const { blueprintId, skillsetId, botId, trigger } = await furnish(stage);
    const listed = await stage.sdk.blueprint.listResources(blueprintId);
    assert.equal(listed.id, blueprintId);
    const resources: Resources = listed.resources;
    for (const category of categories) assert.ok(Array.isArray(resources[category]), category);
    assert.deepEqual(resources.bot!.map(({ id, name }) => ({ id, name })), [{ id: botId, name: 'B' }]);
    assert.equal(resources.bot![0]!.skillsetId, skillsetId);
    assert.equal(resources.triggerIntegration![0]!.id, trigger);
    assert.equal(resources.triggerIntegration![0]!.botId, botId);
    assert.doesNotMatch(JSON.stringify(resources), /"secret":"[^"]/, 'no secrets');
  },
};

const clone: Row = {
  http: 'POST /blueprint/{blueprintId}/clone', sdk: 'blueprint.clone(id)', standing: 'same',
  call: (sdk, id) => sdk.blueprint.clone(id('blueprintId')),
  check: async (stage) => {
    const { sdk } = stage;
    const original = await furnish(stage);
    const copy = await sdk.blueprint.clone(original.blueprintId);
    assert.notEqual(copy.id, original.blueprintId);
    const made: Resources = copy.resources;
    assert.equal(made.bot!.length, 1);
    const bot = await sdk.bot.fetch(made.bot![0]!.id);
    assert.equal(bot.blueprintId, copy.id);
    assert.equal(bot.skillsetId, made.skillset![0]!.id, 'the copies refer to each other');
    const trigger = await sdk.integration.trigger.fetch(made.triggerIntegration![0]!.id);
    assert.equal(trigger.botId, bot.id);
    assert.notEqual(trigger.secret, (await sdk.integration.trigger.fetch(original.trigger)).secret);
    assert.equal((await sdk.bot.fetch(original.botId)).blueprintId, original.blueprintId);
  },
};

const exported: Row = {
  http: 'GET /blueprint/{blueprintId}/resource/export', standing: 'same',
  check: async (stage) => {
    const { blueprintId } = await furnish(stage);
    const body = await stage.api.get(`/blueprint/${blueprintId}/resource/export`);
    assert.deepEqual({ id: body.id, name: body.name }, { id: blueprintId, name: 'Shop' });
    assert.equal(typeof body.resources, 'object');
    assert.doesNotMatch(JSON.stringify(body), /"secret":"[0-9a-f]{64}"/);
  },
};

const imported: Row = {
  http: 'POST /blueprint/{blueprintId}/resource/import', standing: 'same', body: { resource: { resources: {} } },
  check: async (stage) => {
    const { blueprintId } = await furnish(stage);
    const resource = await stage.api.get(`/blueprint/${blueprintId}/resource/export`);
    const { id } = await stage.sdk.blueprint.create({});
    const { resources } = await stage.api.post(`/blueprint/${id}/resource/import`, { resource });
    assert.deepEqual(Object.keys(resources), Object.keys(resource.resources));
    const again = await stage.api.get(`/blueprint/${id}/resource/export`);
    assert.deepEqual(again.resources.bot.map((one: { name: string }) => one.name), resource.resources.bot.map((one: { name: string }) => one.name));
    assert.equal((await stage.api.call('POST', `/blueprint/${id}/resource/import`, { body: {} })).status, 400);
  },
};

export const blueprints: Family = {
  name: 'blueprint',
  rows: [
    ...extended(extended(usual, 'POST /blueprint/{blueprintId}/delete', leavesOrTakes), 'GET /blueprint/list', groups),
    clone, resources, exported,
    imported,
    outOfScope('GET /blueprint/{blueprintId}/bulletin/{rest*}', 'no message boards'),
    outOfScope('POST /blueprint/{blueprintId}/bulletin/{rest*}', 'no message boards'),
  ],
};
