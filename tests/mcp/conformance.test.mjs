// The official conformance suite's scenarios for clients that need no OAuth: it starts a judging server and runs scenario.mjs, which
// does through the probe what the scenario is about.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { newFolder, packageFile, peer } from './probe.mjs';

const scenarios = [
  ['initialize', '2025-11-25'],
  ['tools_call', '2025-11-25'],
  ['tools_call', '2026-07-28'],
  ['sse-retry', '2025-11-25'],
  ['request-metadata', '2026-07-28'],
  ['http-standard-headers', '2026-07-28'],
  ['http-custom-headers', '2026-07-28'],
  ['http-invalid-tool-headers', '2026-07-28'],
  ['json-schema-ref-no-deref', '2026-07-28'],
  ['sep-2322-client-request-state', '2026-07-28'],
];

function judge(scenario, version) {
  return new Promise((resolve) => {
    const command = `${process.execPath} ${path.join(peer('..'), 'scenario.mjs')}`;
    const suite = spawn(process.execPath,
      [packageFile('conformance'), 'client', '--command', command, '--scenario', scenario, '--spec-version', version, '--verbose'],
      { cwd: newFolder() });
    let said = '';
    for (const stream of [suite.stdout, suite.stderr]) stream.on('data', (piece) => { said += piece; });
    suite.on('exit', (code) => resolve({ code, said }));
  });
}

for (const [scenario, version] of scenarios) {
  test(`${scenario} of ${version}`, { timeout: 40_000 }, async () => {
    const { code, said } = await judge(scenario, version);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /"status": "(FAILURE|WARNING)"/);
  });
}
