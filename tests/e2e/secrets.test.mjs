// Secrets: where their values may not be, and a new master key.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { newToken, run, startServer, temporaryFolder } from './support/server.mjs';

// The files of a folder that hold any of these texts, as they are or in hexadecimal bytes.
async function filesWith(folder, texts) {
  const found = [];
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const bytes = await readFile(path.join(file.parentPath, file.name));
    if (texts.some((text) => bytes.includes(text))) found.push(file.name);
  }
  return found;
}

// Values of every kind, kept by a server; gives the ways to find out whether they are still good.
async function plant(server) {
  const api = server.api();
  const planted = ['shared', 'config', 'personal', 'replaced'].map((what) => `planted-${what}-${newToken()}`);
  for (const text of planted) server.protect(text);
  const [shared, config, personal, replaced] = planted;
  const { id: plain } = await api.post('/secret/create', { value: replaced });
  await api.post(`/secret/${plain}/update`, { value: shared });
  const { id: oauth } = await api.post('/secret/create', { type: 'oauth', config: { clientSecret: config } });
  const { id: each } = await api.post('/secret/create', { kind: 'personal' });
  const { id: contact } = await api.post('/contact/create', {});
  await api.post(`/contact/${contact}/secret/${each}/update`, { value: personal });
  const trigger = await api.createTrigger();
  const createOnce = (client) => client.call('POST', '/secret/create', { body: { name: 'once' }, headers: { 'idempotency-key': 'k' } });
  const { body: once } = await createOnce(api);
  // A value that is refused must not be told either.
  const refused = await api.call('POST', '/secret/create', { body: { type: 'bearer', value: `${shared}\n` } });
  assert.equal(refused.status, 400);
  assert.ok(!refused.text.includes(shared));
  const assertGood = async (api) => {
    assert.equal((await api.post(`/secret/${plain}/verify`)).status, 'authenticated');
    assert.equal((await api.post(`/contact/${contact}/secret/${each}/verify`)).status, 'authenticated');
    assert.deepEqual((await api.get(`/secret/${oauth}/fetch`)).config, { clientSecret: '********' });
    assert.equal((await api.get(`/integration/trigger/${trigger.id}/fetch`)).secret, trigger.secret);
    assert.equal((await createOnce(api)).body.id, once.id, 'the first answer is still known');
    await api.fire(trigger, { body: 'x' });
  };
  return { planted, assertGood };
}

test('no value stands in a file or in the log', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const server = await startServer(t, { data });
  const { planted, assertGood } = await plant(server);
  await assertGood(server.api());
  await server.api().post('/bot/create', { name: 'a name that is no secret' });
  await server.stop();
  assert.deepEqual(await filesWith(data, planted), []);
  assert.ok((await filesWith(data, ['a name that is no secret'])).length > 0, 'the files were really searched');
});

test('a new master key: everything stays readable, and the old key opens nothing', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const options = { data, adminToken: newToken() };
  const first = await startServer(t, options);
  const { planted, assertGood } = await plant(first);
  const inUse = await run(['rotate-key', '--data', data]);
  assert.equal(inUse.code, 1);
  assert.match(inUse.stderr, /in use by another process/);
  await first.stop();

  const old = await readFile(path.join(data, 'master.key'), 'utf8');
  const rotated = await run(['rotate-key', '--data', data]);
  assert.equal(rotated.code, 0, rotated.stderr);
  assert.match(rotated.stdout, /the master key was replaced: \d+ values/);
  const retired = /kept in (\S+),/.exec(rotated.stdout)[1];
  assert.equal(await readFile(retired, 'utf8'), old);
  assert.notEqual(await readFile(path.join(data, 'master.key'), 'utf8'), old);

  const second = await startServer(t, options);
  for (const text of planted) second.protect(text);
  await assertGood(second.api());
  await second.stop();
  assert.deepEqual(await filesWith(data, planted), []);

  const withOld = await run(['serve', '--listen', '127.0.0.1:0', '--data', data], { env: { BELLPULL_MASTER_KEY: old.trim() } });
  assert.equal(withOld.code, 1);
  assert.match(withOld.stderr, /the master key is not the one/);
});

test('rotate-key says what is wrong, and changes nothing', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const nowhere = await run(['rotate-key', '--data', path.join(folder.path, 'nowhere')]);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /there is no data directory at .*nowhere[^]*try: .*--data/);
  const help = await run(['help', 'rotate-key']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /BELLPULL_NEW_MASTER_KEY/);
  assert.match((await run(['--help'])).stdout, /rotate-key/);
});
