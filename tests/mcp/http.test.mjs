// The client against real servers over Streamable HTTP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import readline from 'node:readline';
import { test } from 'node:test';

import { packageFile, peer, withProbe } from './probe.mjs';

const limit = { timeout: 30_000 };

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => { server.once('listening', done); });
  const { port } = server.address();
  await new Promise((done) => { server.close(done); });
  return port;
}

// Runs `body` with the URL of a server, which is ended whatever happens.
async function withServer(file, args, environment, announced, body) {
  const server = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...environment } });
  try {
    const line = await new Promise((resolve, reject) => {
      server.on('exit', () => reject(new Error('the server ended')));
      for (const stream of [server.stdout, server.stderr]) {
        readline.createInterface({ input: stream }).on('line', (said) => { if (announced.test(said)) resolve(said); });
      }
    });
    await body(line);
  } finally {
    server.kill('SIGKILL');
  }
}

test('server-everything over HTTP: a legacy session, streams, progress, and its end', limit, async () => {
  const port = await freePort();
  await withServer(packageFile('server-everything'), ['streamableHttp'], { PORT: String(port) }, /listening/, async () => {
    await withProbe([`http://127.0.0.1:${port}/mcp`], {}, async (p) => {
      const { tools } = await p.list();
      assert.ok(tools.length >= 10);
      assert.equal((await p.health()).era, 'legacy');
      const [sum, long] = await Promise.all([
        p.call('get-sum', { a: 2, b: 3 }),
        p.call('trigger-long-running-operation', { duration: 1, steps: 2 }),
      ]);
      assert.match(sum.text, /2 and 3 is 5/);
      assert.equal(long.progress, 2);
      const late = await p.call('trigger-long-running-operation', { duration: 30, steps: 2 }, { cancel: 300 });
      assert.match(late.failure, /canceled/);
      assert.match((await p.call('echo', { message: 'still here' })).text, /still here/);
    });
  });
});

test('our peer over HTTP in both eras, with mirrored parameters', limit, async () => {
  await withServer(peer('http.mjs'), [], {}, /^\d+$/, async (port) => {
    for (const era of ['modern', 'legacy']) {
      const options = era === 'legacy' ? { era } : {};
      await withProbe([`http://127.0.0.1:${port}/mcp`], options, async (p) => {
        const order = await p.call('orders_get', { id: 17, region: ' Zürich ' });
        assert.equal(order.text, 'order 17 of  Zürich ', JSON.stringify(order));
        assert.equal((await p.health()).era, era);
        const failed = await p.call('fail');
        assert.deepEqual([failed.isError, failed.text], [true, 'out of paper']);
        assert.ok((await p.call('orders_get', { id: 'many' })).isError);
      });
    }
  });
});

test('a call that is canceled closes its response', limit, async () => {
  await withServer(peer('http.mjs'), [], {}, /^\d+$/, async (port) => {
    await withProbe([`http://127.0.0.1:${port}/mcp`], {}, async (p) => {
      await p.list();
      const canceled = await p.call('slow', { ms: 20_000 }, { cancel: 200 });
      assert.match(canceled.failure, /canceled/);
      assert.equal(canceled.outcomeUnknown, true);
      assert.equal((await p.call('orders_get', { id: 1 })).text, 'order 1 of nowhere');
    });
  });
});

test('nobody there is a failure with no doubt about its outcome', limit, async () => {
  await withProbe([`http://127.0.0.1:${await freePort()}/mcp`], {}, async (p) => {
    const refused = await p.call('anything');
    assert.match(refused.failure, /does not accept the connection/);
    assert.equal(refused.outcomeUnknown, false);
  });
});
