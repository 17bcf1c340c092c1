// The witness of the traffic sees what does not match, and nothing else: a true server, a small document
// with planted mistakes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { Server } from '../e2e/support/server.mjs';
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
      assert.equal((await call('GET', `${prefix}/bot/list`, { authorization: '' })).status, 401);
      assert.equal((await call('GET', `${prefix}/nowhere`)).status, 404);
      assert.equal((await call('GET', `${prefix}/bot/create`)).status, 405);
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

test('an endpoint that answers and is not described', async () => {
  const forgets = (document) => delete document.paths['/bot/list'];
  const findings = await findingsOf(forgets, (call) => call('GET', '/v1/bot/list'));
  assert.match(findings.join('\n'), /^GET \/v1\/bot\/list, answered 200: .*not found/);
});
