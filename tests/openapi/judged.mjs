// Runs test files with all their traffic judged by the server's own description:
//   node tests/openapi/judged.mjs [--document openapi.json] [option of node --test]... FILE...
//
// One witness (tests/e2e/support/witness.mjs) stands before every server that any of the files starts. The run
// fails when a test fails, when anything is not as described, and when nothing came past the witness.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';

import { Server } from '../e2e/support/server.mjs';
import { Witness } from '../e2e/support/witness.mjs';

const slowest = new URL('../e2e/support/slowest.mjs', import.meta.url);

async function served() {
  const server = await Server.start();
  try {
    const reply = await fetch(`${server.url}/openapi.json`);
    if (reply.status !== 200) throw new Error(`GET /openapi.json answered ${reply.status}`);
    return await reply.json();
  } finally {
    await server.stop();
  }
}

// Where the test processes ask for an address before their servers: {url, who} in, the address out.
async function listen(witness) {
  const desk = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url, who } = JSON.parse(Buffer.concat(chunks).toString());
    response.end(await witness.standBefore(url, who));
  });
  desk.listen(0, '127.0.0.1');
  await once(desk, 'listening');
  return desk;
}

// How the tests ended.
async function runTests(args, desk) {
  const env = { ...process.env, BELLPULL_WITNESS: `http://127.0.0.1:${desk.address().port}/` };
  const reporters = ['spec', slowest].flatMap((one) => [`--test-reporter=${one}`, '--test-reporter-destination=stdout']);
  const tests = spawn(process.execPath, ['--test', '--test-concurrency=2', ...reporters, ...args], { env, stdio: 'inherit' });
  process.once('exit', () => tests.kill('SIGTERM'));
  const [code] = await once(tests, 'close');
  return code ?? 1;
}

const args = process.argv.slice(2);
const document = args[0] === '--document' ? JSON.parse(await readFile(args.splice(0, 2)[1], 'utf8')) : await served();
const witness = await Witness.start(document);
const desk = await listen(witness);
process.exitCode = await runTests(args, desk);
const findings = await witness.findings();
console.log(`${witness.count} exchanges seen beside openapi.json, ${witness.distinct} of them unlike the others`);
if (findings.length > 0) console.error(['openapi.json is not true:', ...findings].join('\n  '));
if (witness.count === 0) console.error('nothing came past the witness: do the tests start their servers with tests/e2e/support/server.mjs?');
if (findings.length > 0 || witness.count === 0) process.exitCode = 1;
desk.closeAllConnections();
desk.close();
await witness.stop();
