// The witness of the traffic sees what does not match, and nothing else: a true server, a small document
// with planted mistakes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Server, temporaryFolder } from '../e2e/support/server.mjs';
import { Witness } from '../e2e/support/witness.mjs';

const fixture = async () => JSON.parse(await readFile(new URL('fixture.json', import.meta.url), 'utf8'));

let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

// What is found when the document is changed so, and this is asked.
async function findingsOf(change, ask) {
  const document = await fixture();
  change(document);
  const witness = await Witness.start(document);
  try {
    const url = await witness.standBefore(server.url);
    const call = async (method, path, { body, ...headers } = {}) => {
      const authorization = `Bearer ${server.adminToken}`;
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const reply = await fetch(`${url}${path}`, { method, body, headers: { authorization, ...type, ...headers } });
      return { status: reply.status, text: await reply.text(), headers: reply.headers };
    };
    await ask(call);
    return await witness.findings();
  } finally {
    await witness.stop();
  }
}
const asItIs = () => {};

test('it has nothing to say of a document that is true, whatever is sent', async () => {
  const findings = await findingsOf(asItIs, async (call) => {
    for (const prefix of ['/api/v1', '/v1']) {
      assert.equal((await call('POST', `${prefix}/bot/create`, { body: '{ "name" : "x" }' })).status, 200);
      assert.equal((await call('POST', `${prefix}/bot/create`)).status, 200);
      assert.equal((await call('POST', `${prefix}/bot/create`, { body: '{"name":7}' })).status, 400);
      assert.equal((await call('POST', `${prefix}/bot/create`, { body: '{"name":' })).status, 400);
      assert.equal((await call('POST', `${prefix}/bot/create`, { body: 'x', 'content-type': 'text/plain' })).status, 400);
      assert.equal((await call('GET', `${prefix}/bot/list?take=1`)).status, 200);
      assert.equal((await call('GET', `${prefix}/bot/list`, { authorization: `bearer ${server.adminToken}` })).status, 200);
      assert.equal((await call('GET', `${prefix}/bot/list`, { authorization: '' })).status, 401);
      assert.equal((await call('GET', `${prefix}/bot/list`, { authorization: 'nonsense' })).status, 401);
      assert.equal((await call('GET', `${prefix}/nowhere`)).status, 404);
      assert.equal((await call('GET', `${prefix}/bot/create`)).status, 405);
      assert.equal((await call('GET', `${prefix}/bot/list/?take=1`)).status, 200);
    }
    const lines = await call('GET', '/api/v1/bot/list', { accept: 'application/jsonl' });
    assert.match(lines.headers.get('content-type'), /^application\/jsonl/);
    assert.ok(lines.text.endsWith('\n'));
    assert.equal((await call('GET', '/healthz')).status, 200);
  });
  assert.deepEqual(findings, []);
});

test('a response that the document does not allow', async () => {
  const lacks = (document) => {
    document.paths['/bot/create'].post.responses['200'].content['application/json'].schema.required.push('secret');
  };
  const [finding, ...others] = await findingsOf(lacks, (call) => call('POST', '/api/v1/bot/create', { body: '{}' }));
  assert.match(finding, /^POST \/api\/v1\/bot\/create, answered 200: response.*secret/);
  assert.deepEqual(others, []);
});

test('a refusal that the document does not describe', async () => {
  const lacks = (document) => delete document.paths['/bot/create'].post.responses['4XX'];
  const findings = await findingsOf(lacks, (call) => call('POST', '/api/v1/bot/create', { body: '{"name":7}' }));
  assert.match(findings.join('\n'), /answered 400: response/);
});

test('another media type than the document names', async () => {
  const findings = await findingsOf(asItIs, (call) => call('GET', '/v1/bot/list', { accept: 'text/event-stream' }));
  assert.match(findings.join('\n'), /event-stream/);
});

test('a request that is taken although the document forbids it', async () => {
  const forbids = (document) => {
    document.paths['/bot/create'].post.requestBody.content['application/json'].schema.required = ['alias'];
  };
  const findings = await findingsOf(forbids, (call) => call('POST', '/v1/bot/create', { body: '{}' }));
  assert.match(findings.join('\n'), /answered 200: request\.body.*alias/);
});

// Event endpoints of open triggers are so.
test('credentials that are none are nothing to an operation that needs none, and are missed by one that does', async () => {
  const event = (security) => (document) => {
    const content = { 'application/json': { schema: { type: 'object' } } };
    const responses = { 200: { description: 'Done', content } };
    document.paths['/integration/trigger/{id}/event'] = { get: { security, responses } };
  };
  const send = async (call) => {
    const { id: botId } = JSON.parse((await call('POST', '/v1/bot/create', { body: '{}' })).text);
    const made = await server.api().post('/integration/trigger/create', { botId, authenticate: false });
    assert.equal((await call('GET', `/v1/integration/trigger/${made.id}/event`, { authorization: 'nonsense' })).status, 200);
  };
  assert.deepEqual(await findingsOf(event([{ token: [] }, {}]), send), []);
  assert.match((await findingsOf(event([{ token: [] }]), send)).join('\n'), /answered 200: request: Invalid security scheme/);
});

test('an endpoint that answers and is not described', async () => {
  const forgets = (document) => delete document.paths['/bot/list'];
  const findings = await findingsOf(forgets, (call) => call('GET', '/v1/bot/list'));
  assert.match(findings.join('\n'), /^GET \/v1\/bot\/list, answered 200: .*not found/);
});

// A document may write its paths with a prefix: all of them mean the same.
for (const written of ['/api/v1', '/v1']) {
  const prefixed = (document) => {
    document.paths = Object.fromEntries(Object.entries(document.paths).map(([name, item]) => [`${written}${name}`, item]));
    document.paths['/openapi.json'] = { get: { responses: { 200: { description: 'x', content: { 'application/json': { schema: { type: 'array' } } } } } } };
  };
  test(`paths written with ${written} are those below every prefix`, async () => {
    const findings = await findingsOf(prefixed, async (call) => {
      for (const prefix of ['/api/v1', '/v1']) assert.equal((await call('GET', `${prefix}/bot/list`)).status, 200);
    });
    assert.deepEqual(findings, []);
  });
  test(`beside ${written}, the description itself is judged wherever it is asked for`, async () => {
    const findings = await findingsOf(prefixed, async (call) => {
      for (const prefix of ['/api/v1', '/v1', '']) assert.equal((await call('GET', `${prefix}/openapi.json`)).status, 200);
    });
    assert.deepEqual(findings.map((one) => one.split(',')[0]), ['/api/v1', '/v1', ''].map((prefix) => `GET ${prefix}/openapi.json`));
  });
}

test('one exchange of a kind after another: the one that differs is found', async () => {
  const lacks = (document) => {
    const item = document.paths['/bot/list'].get.responses['200'].content['application/json'].schema.properties.items.items;
    item.properties = { ...item.properties, name: { type: 'string', enum: ['one', 'two'] } };
  };
  const findings = await findingsOf(lacks, async (call) => {
    for (const name of ['one', 'two', 'one', 'three']) {
      await call('POST', '/v1/bot/create', { body: JSON.stringify({ name }) });
      await call('GET', '/v1/bot/list?take=1');
    }
  });
  assert.equal(findings.length, 1, findings.join('\n'));
  assert.match(findings[0], /^GET \/v1\/bot\/list, answered 200: response.*one, two/);
});

// How a run of asking.mjs ends, judged by the document as it is changed so.
async function runJudged(change, args = []) {
  const document = await fixture();
  change(document);
  const folder = await temporaryFolder();
  try {
    const file = path.join(folder.path, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const { NODE_TEST_CONTEXT, BELLPULL_WITNESS, ...env } = process.env; // a run of its own, within this one
    const here = (name) => fileURLToPath(new URL(name, import.meta.url));
    const run = spawn(process.execPath, [here('judged.mjs'), '--document', file, ...args, here('asking.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk) => (output += chunk));
    const code = await new Promise((resolve) => run.on('close', resolve));
    return { code, output };
  } finally {
    await folder.remove();
  }
}

test('a run of tests passes when the document is true of its traffic', async () => {
  const { code, output } = await runJudged(asItIs);
  assert.equal(code, 0, output);
  assert.match(output, /^1 exchanges seen/m);
});

test('a run of tests that pass fails when the document is not true, and names the file', async () => {
  const { code, output } = await runJudged((document) => delete document.paths['/bot/list']);
  assert.equal(code, 1, output);
  assert.match(output, /fail 0/);
  assert.match(output, /GET \/v1\/bot\/list\/ \(asking\.mjs\), answered 200: .*not found/);
});

test('a run of tests in which nothing was seen fails', async () => {
  const { code, output } = await runJudged(asItIs, ['--test-name-pattern=no test is called so']);
  assert.equal(code, 1, output);
  assert.match(output, /nothing came past the witness/);
});
