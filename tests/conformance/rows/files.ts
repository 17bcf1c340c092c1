import assert from 'node:assert/strict';

import { eventually } from '../../e2e/support/eventually.mjs';
import { extended } from '../support/extend.ts';
import { assertRefused } from '../support/requests.ts';
import type { Family, Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const makeFile = async ({ sdk }: Stage, fields: object = {}) => (await sdk.file.create(fields)).id;

const usual = usualRows({
  base: '/file', parameter: 'fileId', sdk: 'file', hasAlias: true,
  client: (sdk) => sdk.file,
  sample: {},
  full: async ({ unique }: Stage) => ({
    alias: unique('file'), name: 'Manual', description: 'D', visibility: 'protected' as const, meta: { a: 1 },
  }),
  beside: () => ({ blueprintId: null, type: null, size: null }),
  change: { name: 'Renamed' },
  refused: async () => [
    ['BAD_REQUEST', wrong({ name: 7 })],
    ['BAD_REQUEST', wrong({ visibility: 'secret' })],
    ['NOT_FOUND', { blueprintId: missing }],
  ],
});

const bytesOf = (text: string) => new TextEncoder().encode(text).slice().buffer;
const upload: Row = {
  http: 'POST /file/{fileId}/upload', sdk: 'file.upload(id,{name,type,data})', standing: 'same',
  call: (sdk, id) => sdk.file.upload(id('fileId'), { name: 'a.txt', type: 'text/plain', data: bytesOf('x') }),
  check: async (stage) => {
    const { sdk, api } = stage;
    const id = await makeFile(stage);
    assert.equal((await sdk.file.upload(id, { name: 'a.txt', type: 'text/plain', data: bytesOf('first') })).id, id);
    assert.equal((await sdk.file.upload(id, { name: 'a.txt', type: 'text/plain', data: bytesOf('second') })).id, id);
    assert.equal(new TextDecoder().decode((await sdk.file.download(id)).data), 'second');

    const asked = await api.post(`/file/${id}/upload`, { file: { size: 3, type: 'image/png', name: 'a.png' } });
    const { method, url, headers } = asked.uploadRequest;
    assert.equal(method, 'PUT');
    assert.equal(new URL(url).origin, new URL(stage.server.url).origin, 'an absolute address of this server');
    for (const name of Object.keys(headers)) assert.equal(name, name.toLowerCase());
    assert.equal((await fetch(url, { method, headers, body: 'four' })).status, 400, 'another size than announced');
    const put = await fetch(url, { method, headers, body: 'abc' });
    assert.equal(put.status, 200);
    assert.deepEqual(await put.json(), {});
    assert.equal((await fetch(`${url}x`, { method, headers, body: 'abc' })).ok, false, 'a signature that was changed');

    assert.equal((await api.post(`/file/${id}/upload`, { file: 'data:text/plain;base64,aGVsbG8=' })).id, id);
    assert.equal(new TextDecoder().decode((await sdk.file.download(id)).data), 'hello');
    for (const body of [{}, { file: {} }, { file: 7 }, { file: { size: -1, type: 'text/plain' } }]) {
      assert.equal((await api.call('POST', `/file/${id}/upload`, { body })).status, 400, JSON.stringify(body));
    }
  },
};

const download: Row = {
  http: 'GET /file/{fileId}/download', sdk: 'file.download(id)', standing: 'same',
  call: (sdk, id) => sdk.file.download(id('fileId')),
  check: async (stage) => {
    const { sdk, api } = stage;
    const id = await makeFile(stage);
    assert.equal((await sdk.file.download(id)).data.byteLength, 0, 'nothing yet');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    await sdk.file.upload(id, { name: 'a.bin', type: 'application/x-thing', data: bytes.buffer });
    const { data, headers } = await sdk.file.download(id);
    assert.deepEqual(new Uint8Array(data), bytes);
    assert.match(headers.get('content-type')!, /^application\/x-thing/);
    const { url } = (await api.call('GET', `/file/${id}/download`, { headers: { accept: 'application/json' } })).body;
    assert.deepEqual(new Uint8Array(await (await fetch(url)).arrayBuffer()), bytes, 'the address needs no token');
  },
};

const sync: Row = {
  http: 'POST /file/{fileId}/sync', sdk: 'file.sync(id)', standing: 'same',
  call: (sdk, id) => sdk.file.sync(id('fileId')),
  check: async (stage) => {
    const { file, dataset } = stage.sdk;
    const id = await makeFile(stage);
    await file.upload(id, { type: 'text/plain', data: bytesOf('Open from 10 to 16') });
    const { id: datasetId } = await dataset.create({});
    await dataset.file.attach(datasetId, id, { type: 'source' });
    const imported = () => eventually('it is imported', async () => (await dataset.record.list(datasetId)).items[0]);
    const first = await imported();
    await dataset.record.delete(datasetId, first.id);
    assert.deepEqual(await file.sync(id), { id });
    const again = await imported();
    assert.deepEqual([again.text, again.id === first.id], ['Open from 10 to 16', false]);
  },
};

const isGone = async (stage: Stage) => {
  const id = await makeFile(stage);
  await stage.sdk.file.upload(id, { type: 'text/plain', data: bytesOf('x') });
  await stage.sdk.file.delete(id);
  await assertRefused('NOT_FOUND', () => stage.sdk.file.download(id));
};

export const files: Family = {
  name: 'file',
  rows: [...extended(usual, 'POST /file/{fileId}/delete', isGone), upload, download, sync],
};
