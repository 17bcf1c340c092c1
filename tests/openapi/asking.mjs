// What judged.mjs runs when it is tested itself: one request, made by another program while this one waits for it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { startServer } from '../e2e/support/server.mjs';

test('a request', async (t) => {
  const server = await startServer(t);
  const args = ['-sS', '--max-time', '10', '-o', '/dev/null', '-w', '%{http_code}', '-H', `authorization: Bearer ${server.adminToken}`];
  const { stdout, stderr } = spawnSync('curl', [...args, `${server.url}/v1/bot/list/`], { encoding: 'utf8' });
  assert.equal(stdout, '200', stderr);
});
