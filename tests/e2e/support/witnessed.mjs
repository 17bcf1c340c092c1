// The one witness of a test process (witness.mjs), when BELLPULL_OPENAPI_PROXY=1; its findings fail the file.
import assert from 'node:assert/strict';
import { after } from 'node:test';

import { Witness } from './witness.mjs';

const isWanted = process.env.BELLPULL_OPENAPI_PROXY === '1';
let witness;

async function describedBy(url) {
  const reply = await fetch(`${url}/openapi.json`);
  assert.equal(reply.status, 200, `GET /openapi.json answered ${reply.status}: BELLPULL_OPENAPI_PROXY=1 needs the server's description`);
  return await Witness.start(await reply.json());
}

// The address at which tests reach the server that listens at `url`.
export async function pastWitness(url) {
  if (!isWanted) return url;
  witness ??= describedBy(url);
  return (await witness).standBefore(url);
}

if (isWanted) {
  // By the exit code, because a hook that fails keeps the hooks after it from stopping their servers.
  after(async () => {
    const present = await witness;
    if (!present) return;
    const findings = await present.findings();
    await present.stop();
    console.log(`${present.count} exchanges compared with openapi.json`);
    if (findings.length === 0) return;
    console.error(['openapi.json is not true:', ...findings].join('\n  '));
    process.exitCode = 1;
  });
}
