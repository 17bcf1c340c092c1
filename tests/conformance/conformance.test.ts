// Every endpoint that the official SDK or this server knows: it does what it is for, and refuses what it
// should; with timestamps as text and as numbers. The table in docs/api/compatibility.md is what came out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { useServer } from '../e2e/support/server.mjs';
import { families } from './rows/all.ts';
import { assertNotBuilt, assertUsualRefusals, isBuilt } from './support/refusals.ts';
import { slowToRetry } from './support/pending.ts';
import { Results } from './support/results.ts';
import type { Row } from './support/row.ts';
import { forms, Stage } from './support/stage.ts';

const used = useServer(slowToRetry);
const results = new Results(families);

async function check(stage: Stage, row: Row) {
  if (!row.auth && !(await isBuilt(stage, row))) {
    await assertNotBuilt(stage, row);
    return 'not built';
  }
  assert.notEqual(row.standing, 'out of scope', `${row.http} answers: its row in tests/conformance/rows needs a check and another standing`);
  assert.ok(row.check, `${row.http} answers: its row in tests/conformance/rows needs a check`);
  if (!row.auth) await assertUsualRefusals(stage, row);
  await row.check(stage);
  return 'as it should be';
}

for (const form of forms) {
  describe(`timestamps as ${form}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await Stage.on(used.server, form);
    });
    for (const family of families) {
      describe(family.name, () => {
        for (const row of family.rows) {
          test(row.sdk ? `${row.http}: ${row.sdk}` : row.http, async () => {
            results.record(row, form, 'failed');
            results.record(row, form, await check(stage, row));
          });
        }
      });
    }
  });
}

test('no endpoint has two rows', () => {
  const all = families.flatMap((family) => family.rows).map((row) => row.http);
  assert.deepEqual(all.filter((http, i) => all.indexOf(http) !== i), []);
});

test('docs/api/compatibility.md shows what came out', async () => {
  assert.deepEqual(results.failed(), [], 'a table that is not true');
  if (process.env['BELLPULL_WRITE_TABLE'] === '1') await results.write();
  const { found, wanted } = await results.compare();
  assert.equal(found, wanted, 'the table is not what this run gave: type tools/conformance write');
});

after(() => results.keep());
