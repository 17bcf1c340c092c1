// Datasets and files of the real binary: contents by link and by URL, imports, and what a crash in
// the middle of one leaves.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { startServer, temporaryFolder, useServer } from './support/server.mjs';
import { startSink } from './support/sink.mjs';

let sink;
const stage = useServer(async () => {
  sink = await startSink();
  return { args: ['--egress-allow', `${sink.host}/allowed`] };
});
after(() => sink.stop());

// The bytes themselves, as a program without an SDK sends them.
async function upload(server, id, text, type = 'text/plain') {
  const headers = { authorization: `Bearer ${server.adminToken}`, 'content-type': type };
  const reply = await fetch(`${server.url}/api/v1/file/${id}/upload`, { method: 'POST', headers, body: text });
  assert.equal(reply.status, 200, await reply.text());
}
const imported = (api, datasetId, fileId) =>
  eventually('the import ends', async () => {
    const { items } = await api.get(`/dataset/${datasetId}/file/list`);
    return items.find((one) => one.id === fileId && one.state !== 'importing');
  });
const search = async (api, datasetId, text) => (await api.post(`/dataset/${datasetId}/search`, { search: text })).records;

test('whatever is searched for is words', async () => {
  const { api } = stage;
  const { id } = await api.post('/dataset/create', { name: 'FAQ' });
  await api.post(`/dataset/${id}/record/create`, { text: 'Refunds are paid within ten days' });
  for (const text of ['"', '") OR ("', 'NEAR(', '*', '-', '日本', ':)', '{a}: b', 'x'.repeat(60_000), "'; drop table records; --"]) {
    assert.deepEqual(await search(api, id, text), [], text.slice(0, 20));
  }
  assert.equal((await search(api, id, '"refunded" AND (')).length, 1);
});

test('a link to a content works without a token, and says where the server is', async () => {
  const { api, server } = stage;
  const { id } = await api.post('/file/create', { name: 'a.txt' });
  await upload(server, id, 'hello');
  const { url } = (await api.call('GET', `/file/${id}/download`, { headers: { accept: 'application/json' } })).body;
  assert.ok(url.startsWith(`${server.url}/api/v1/file/`), url);
  const reply = await fetch(url);
  assert.equal(await reply.text(), 'hello');
  assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
  assert.equal((await fetch(`${url}0`)).status, 401);
});

test('links name the public URL where one is configured', async (t) => {
  const server = await startServer(t, { args: ['--api-public-url', 'https://bell.example.com'] });
  const { id } = await server.api().post('/file/create');
  const { uploadRequest } = await server.api().post(`/file/${id}/upload`, { file: { size: 1, type: 'text/plain' } });
  assert.ok(uploadRequest.url.startsWith(`https://bell.example.com/api/v1/file/${id}/content?`), uploadRequest.url);
});

test('a content is at most as large as the setting says', async (t) => {
  const server = await startServer(t, { args: ['--file-content-limit', '10'] });
  const api = server.api();
  const { id } = await api.post('/file/create');
  await upload(server, id, '1234567890');
  const refused = await api.call('POST', `/file/${id}/upload`, { body: { file: { size: 11, type: 'text/plain' } } });
  assert.equal(refused.status, 413);
});

test('a content that is named by a URL is fetched past the egress guard only', async () => {
  const { id } = await stage.api.post('/file/create');
  const uploadFrom = (url) => stage.api.call('POST', `/file/${id}/upload`, { body: { file: url } });
  assert.equal((await uploadFrom(`${sink.url}/allowed`)).status, 200);
  assert.equal(sink.at('/allowed').length, 1);
  assert.equal((await uploadFrom(`${sink.url}/other`)).status, 400);
  assert.equal(sink.at('/other').length, 0);
  assert.equal((await uploadFrom('http://169.254.169.254/latest/meta-data')).status, 400);
});

test('an attached file is imported, synced and detached', async () => {
  const { api, server } = stage;
  const { id: datasetId } = await api.post('/dataset/create', { name: 'FAQ', separators: '---' });
  const { id: fileId } = await api.post('/file/create', { name: 'faq.md' });
  const base = `/dataset/${datasetId}/file/${fileId}`;
  await upload(server, fileId, 'Refunds take ten days\n---\nShipping is free', 'text/markdown');
  await api.post(`${base}/attach`, { type: 'source' });
  assert.equal((await imported(api, datasetId, fileId)).records, 2);
  assert.equal((await search(api, datasetId, 'refund'))[0].source, `file:///${fileId}`);

  await upload(server, fileId, 'Pears are ripe', 'text/markdown');
  await api.post(`${base}/sync`);
  assert.equal((await imported(api, datasetId, fileId)).records, 1);
  assert.deepEqual(await search(api, datasetId, 'refund'), []);
  await api.post(`${base}/detach`, { deleteRecords: true });
  assert.deepEqual((await api.get(`/dataset/${datasetId}/file/list`)).items, []);
  assert.deepEqual((await api.get(`/dataset/${datasetId}/record/list`)).items, []);
});

test('a process that dies during an import leaves the old records or the new ones', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const first = await startServer(t, { data: folder.path });
  const before = first.api();
  const { id: datasetId } = await before.post('/dataset/create', { name: 'D', recordMaxTokens: 10 });
  const { id: fileId } = await before.post('/file/create', { name: 'f' });
  await upload(first, fileId, 'apple one of two apples\n\napple two of two apples, longer');
  await before.post(`/dataset/${datasetId}/file/${fileId}/attach`);
  const { records } = await imported(before, datasetId, fileId);
  assert.equal(records, 2);
  const lines = Array.from({ length: 5_000 }, (_, i) => `pear number ${i} of very many pears`);
  await upload(first, fileId, lines.join('\n\n'));
  await before.post(`/dataset/${datasetId}/file/${fileId}/sync`);
  first.signal('SIGKILL');
  await first.exited;

  const second = await startServer(t, { data: folder.path, adminToken: first.adminToken });
  const api = second.api();
  const { items } = await api.get(`/dataset/${datasetId}/record/list`);
  const fruits = new Set(items.map((item) => item.text.split(' ')[0]));
  assert.ok(items.length === (fruits.has('apple') ? 2 : 100) && fruits.size === 1, `${items.length} of ${[...fruits]}`);
  assert.equal((await imported(api, datasetId, fileId)).records, 5_000);
  assert.deepEqual(await search(api, datasetId, 'apple'), []);
  assert.equal((await search(api, datasetId, '4999')).length, 1);
});
