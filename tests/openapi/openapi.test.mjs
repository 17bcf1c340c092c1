// The server's own description: well formed by two linters, and of exactly the endpoints that there are. That
// it is true of what they do is seen by running other tests under judged.mjs (README.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useServer } from '../e2e/support/server.mjs';
import { families } from '../conformance/rows/all.ts';
import { endpointsOf, openedByToken } from '../conformance/support/endpoints.ts';
import { lint, linterNames } from './support.mjs';

const stage = useServer();
let document;

test('it is served without a token, under both of its addresses', async () => {
  const replies = await Promise.all(['/openapi.json', '/api/v1/openapi.json'].map((path) => fetch(`${stage.server.url}${path}`)));
  for (const reply of replies) {
    assert.equal(reply.status, 200, `${reply.url} answered ${reply.status}: is the server built with its description?`);
    assert.equal(reply.headers.get('content-type').split(';')[0], 'application/json');
  }
  const [first, second] = await Promise.all(replies.map((reply) => reply.text()));
  assert.equal(first, second);
  document = JSON.parse(first);
  assert.match(document.openapi, /^3\.1\.\d+$/);
});

for (const name of linterNames) {
  test(`${name} finds neither an error nor anything to warn of`, async () => {
    assert.ok(document, 'there is no document');
    assert.deepEqual(await lint(name, document), []);
  });
}

// Whole families that only answer 501 stand in the table in one line, and in the document as it likes.
const isWhole = (http) => http.includes('{rest*}');
const bare = (http) => http.replace(/\{\w+\*?\}/g, '{}');

test('it names every endpoint of the compatibility table', () => {
  assert.ok(document, 'there is no document');
  const described = new Set(endpointsOf(document).map(bare));
  const rows = families.flatMap((family) => family.rows).filter((row) => row.standing !== 'out of scope').map((row) => row.http);
  assert.deepEqual(rows.filter((http) => !described.has(bare(http))), []);
});

test('it names no endpoint that the compatibility table does not have', () => {
  assert.ok(document, 'there is no document');
  const rows = families.flatMap((family) => family.rows).map((row) => row.http);
  const known = new Set(rows.map(bare));
  const wholes = rows.filter(isWhole).map((http) => http.slice(http.indexOf(' ') + 1).replace('/{rest*}', '/'));
  const ours = (http) => known.has(bare(http)) || wholes.some((path) => http.includes(` ${path}`)) || http.endsWith('/openapi.json');
  assert.deepEqual(openedByToken(document).filter((http) => !ours(http)), []);
});
