import assert from 'node:assert/strict';

import { eventually } from '../../e2e/support/eventually.mjs';
import { extended } from '../support/extend.ts';
import { assertRefused, collect } from '../support/requests.ts';
import type { Family, Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const makeDataset = async ({ sdk }: Stage, fields: object = {}) => (await sdk.dataset.create(fields)).id;

const dataset = usualRows({
  base: '/dataset', parameter: 'datasetId', sdk: 'dataset', hasAlias: true,
  client: (sdk) => sdk.dataset,
  sample: {},
  full: async ({ unique }: Stage) => ({
    alias: unique('dataset'), name: 'Manual', description: 'D', reranker: 'none', recordMaxTokens: 500, searchMinScore: 0.25,
    searchMaxRecords: 5, searchMaxTokens: 2_000, matchInstruction: 'Found:', mismatchInstruction: 'Nothing.', separators: '\n\n',
    visibility: 'protected' as const, meta: { a: 1 },
  }),
  beside: () => ({ store: 'default', blueprintId: null }),
  change: { name: 'Renamed', searchMaxRecords: 7 },
  refused: async () => [
    ['BAD_REQUEST', { recordMaxTokens: 0 }],
    ['BAD_REQUEST', { searchMinScore: -1 }],
    ['BAD_REQUEST', { searchMaxRecords: 1.5 }],
    ['BAD_REQUEST', wrong({ searchMaxTokens: 'many' })],
    ['BAD_REQUEST', wrong({ visibility: 'secret' })],
    ['NOT_FOUND', { blueprintId: missing }],
  ],
});

const takesItsRecords = async (stage: Stage) => {
  const { sdk } = stage;
  const id = await makeDataset(stage);
  const { id: record } = await sdk.dataset.record.create(id, { text: 'x' });
  const { id: bot } = await sdk.bot.create({ datasetId: id });
  await sdk.dataset.delete(id);
  await assertRefused('NOT_FOUND', () => sdk.dataset.record.fetch(id, record));
  assert.equal((await sdk.bot.fetch(bot)).datasetId, null);
};

const search: Row = {
  http: 'POST /dataset/{datasetId}/search', sdk: 'dataset.search(id,text)', standing: 'differs', scope: 'read',
  why: 'ranked by words (full text), not by embeddings',
  call: (sdk, id) => sdk.dataset.search(id('datasetId'), 'x'),
  check: async (stage) => {
    const { sdk, api } = stage;
    const id = await makeDataset(stage);
    assert.deepEqual(await sdk.dataset.search(id, 'returns'), { id, records: [] });
    const give = (text: string, price: number) => sdk.dataset.record.create(id, { text, source: 'https://shop.example/faq', meta: { price } });
    const { id: wanted } = await give('Returns are free within thirty days.', 1);
    await give('Bananas are yellow.', 2);
    const found = await sdk.dataset.search(id, 'returns');
    assert.equal(found.id, id);
    const [best] = found.records;
    assert.equal(best?.id, wanted);
    assert.equal(best?.text, 'Returns are free within thirty days.');
    assert.equal(typeof best?.score, 'number');
    assert.deepEqual(found.records.map((one) => one.score), found.records.map((one) => one.score).toSorted((a, b) => b - a));
    for (const text of ['', '  ']) await assertRefused('BAD_REQUEST', () => sdk.dataset.search(id, text));
    const filtered = async (filter: object) =>
      (await api.post(`/dataset/${id}/search`, { search: 'returns bananas', filter })).records.map((one: { text: string }) => one.text.slice(0, 7));
    assert.deepEqual(await filtered({ price: 2 }), ['Bananas']);
    assert.deepEqual(await filtered({ price: { $lt: 2 } }), ['Returns']);
    assert.deepEqual(await filtered({ price: { $gte: 3 } }), []);
    const bad = await api.call('POST', `/dataset/${id}/search`, { body: { search: 'x', filter: { price: { $like: 1 } } } });
    assert.equal(bad.status, 400);
  },
};

const record = usualRows({
  base: '/dataset/{datasetId}/record', parameter: 'recordId', sdk: 'dataset.record', arguments: ['did,req?', 'did,rid', 'did,req'],
  client: (sdk, id) => {
    const { record } = sdk.dataset;
    const did = id('datasetId');
    return {
      list: (request) => record.list(did, request),
      fetch: (rid) => record.fetch(did, rid),
      create: (request: Parameters<typeof record.create>[1]) => record.create(did, request),
      update: (rid, request: Parameters<typeof record.update>[2]) => record.update(did, rid, request),
      delete: (rid) => record.delete(did, rid),
    };
  },
  prepare: async (stage) => ({ datasetId: await makeDataset(stage) }),
  sample: { text: 'x' },
  full: async () => ({ text: 'Grüße \u{1F44B}', source: 'https://shop.example/faq', meta: { a: 1 } }),
  beside: () => ({}),
  change: { text: 'Changed' },
  refused: async () => [
    ['BAD_REQUEST', wrong({})],
    ['BAD_REQUEST', { text: '  ' }],
    ['BAD_REQUEST', { text: 'x', source: 'x'.repeat(897) }],
    ['BAD_REQUEST', wrong({ text: 7 })],
  ],
});

const exported: Row = {
  http: 'GET /dataset/{datasetId}/record/export', sdk: 'dataset.record.export(did,req?)', standing: 'same',
  call: (sdk, id) => sdk.dataset.record.export(id('datasetId')),
  check: async (stage) => {
    const { sdk, api } = stage;
    const id = await makeDataset(stage);
    const { id: rid } = await sdk.dataset.record.create(id, { text: 'a "b"' });
    const fetched = await sdk.dataset.record.fetch(id, rid);
    assert.deepEqual((await sdk.dataset.record.export(id)).items, [fetched]);
    assert.deepEqual(await collect(sdk.dataset.record.export(id).stream()), [{ type: 'item', data: fetched }]);
    const csv = await api.call('GET', `/dataset/${id}/record/export`, { headers: { accept: 'text/csv' } });
    assert.match(csv.text, /"a ""b"""/);
  },
};

const inItsDataset = async (stage: Stage) => {
  const { id } = await stage.sdk.dataset.record.create(await makeDataset(stage), { text: 'x' });
  const other = await makeDataset(stage);
  await assertRefused('NOT_FOUND', () => stage.sdk.dataset.record.fetch(other, id));
};

const file = '/dataset/{datasetId}/file';
const withFile = async (stage: Stage) => ({ did: await makeDataset(stage), fid: (await stage.sdk.file.create({ name: 'F' })).id });
const withText = async (stage: Stage) => {
  const made = await withFile(stage);
  await stage.api.post(`/file/${made.fid}/upload`, { file: 'data:text/plain,Open' });
  return made;
};
const imported = ({ sdk }: Stage, did: string) =>
  eventually('the file is imported', async () => (await sdk.dataset.record.list(did)).items[0]);
const files: Row[] = [
  {
    http: `GET ${file}/list`, sdk: 'dataset.file.list(did,req?)', standing: 'same',
    call: (sdk, id) => sdk.dataset.file.list(id('datasetId')),
    check: async (stage) => {
      const { did, fid } = await withFile(stage);
      assert.deepEqual(await stage.sdk.dataset.file.list(did), { items: [] });
      await stage.sdk.dataset.file.attach(did, fid, {});
      const { items } = await stage.sdk.dataset.file.list(did);
      assert.deepEqual(items.map(({ id, name }) => ({ id, name })), [{ id: fid, name: 'F' }]);
      assert.ok(stage.isTime(items[0]!.createdAt));
      assert.equal((await collect(stage.sdk.dataset.file.list(did).stream())).length, 1);
    },
  },
  {
    http: `POST ${file}/{fileId}/attach`, sdk: 'dataset.file.attach(did,fid,req)', standing: 'same',
    call: (sdk, id) => sdk.dataset.file.attach(id('datasetId'), id('fileId'), {}),
    check: async (stage) => {
      const { did, fid } = await withFile(stage);
      const { attach } = { attach: (request: object) => stage.sdk.dataset.file.attach(did, fid, request) };
      assert.equal((await attach({ type: 'source' })).id, fid);
      assert.equal((await attach({})).id, fid, 'twice is once');
      assert.equal((await stage.sdk.dataset.file.list(did)).items.length, 1);
      await assertRefused('BAD_REQUEST', () => attach({ type: 'nonsense' }));
      await assertRefused('NOT_FOUND', () => stage.sdk.dataset.file.attach(did, missing, {}));
      const filled = await withText(stage);
      await stage.sdk.dataset.file.attach(filled.did, filled.fid, { type: 'source' });
      assert.equal((await imported(stage, filled.did)).text, 'Open');
    },
  },
  {
    http: `POST ${file}/{fileId}/detach`, sdk: 'dataset.file.detach(did,fid,req)', standing: 'same',
    call: (sdk, id) => sdk.dataset.file.detach(id('datasetId'), id('fileId'), {}),
    check: async (stage) => {
      const { did, fid } = await withFile(stage);
      const { file } = stage.sdk.dataset;
      await assertRefused('NOT_FOUND', () => file.detach(did, fid, {}));
      await stage.api.post(`/file/${fid}/upload`, { file: 'data:text/plain,Open' });
      await file.attach(did, fid, { type: 'source' });
      await imported(stage, did);
      assert.equal((await file.detach(did, fid, { deleteRecords: true })).id, fid);
      assert.deepEqual(await file.list(did), { items: [] });
      await eventually('its records are gone', async () => (await stage.sdk.dataset.record.list(did)).items.length === 0);
      await assertRefused('NOT_FOUND', () => file.detach(did, fid, {}));
    },
  },
  {
    http: `POST ${file}/{fileId}/sync`, sdk: 'dataset.file.sync(did,fid,req)', standing: 'same',
    call: (sdk, id) => sdk.dataset.file.sync(id('datasetId'), id('fileId'), {}),
    check: async (stage) => {
      const { did, fid } = await withText(stage);
      const { record, file } = stage.sdk.dataset;
      await assertRefused('NOT_FOUND', () => file.sync(did, fid, {}));
      await file.attach(did, fid, { type: 'source' });
      const first = await imported(stage, did);
      await record.delete(did, first.id);
      assert.equal((await file.sync(did, fid, {})).id, fid);
      const again = await imported(stage, did);
      assert.deepEqual([again.text, again.id === first.id], ['Open', false]);
    },
  },
];

export const datasets: Family = {
  name: 'dataset, record, file of a dataset',
  rows: [
    ...extended(dataset, 'POST /dataset/{datasetId}/delete', takesItsRecords), search,
    ...extended(record, 'GET /dataset/{datasetId}/record/{recordId}/fetch', inItsDataset), exported, ...files,
  ],
};
