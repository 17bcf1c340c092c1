// What is the same for every row: the request is the documented one, who may not make it is turned away
// and told why, and what is not built says so; each after one request.
import assert from 'node:assert/strict';

import { assertRefused, observe, refusalOf } from './requests.ts';
import { callOf, fill, methodOf, parametersOf, pathOf, scopeOf, type Row } from './row.ts';
import { missingIds, type Stage } from './stage.ts';

// Whether the server says that it does not know how.
export async function isBuilt(stage: Stage, row: Row): Promise<boolean> {
  const refusal = await refusalOf(() => callOf(row, stage.sdk, missingIds));
  return refusal?.code !== 'NOT_IMPLEMENTED';
}

export async function assertNotBuilt(stage: Stage, row: Row): Promise<void> {
  await assertRefused('NOT_IMPLEMENTED', () => callOf(row, stage.sdk, missingIds), row.http);
  await assertTurnsStrangersAway(stage, row);
}

export async function assertUsualRefusals(stage: Stage, row: Row): Promise<void> {
  await assertTurnsStrangersAway(stage, row);
  if (scopeOf(row) !== 'read') {
    await assertRefused('NOT_AUTHORIZED', () => callOf(row, stage.reader, missingIds), `${row.http}, by a token that may only read`);
  }
  if (scopeOf(row) === 'admin') {
    await assertRefused('NOT_AUTHORIZED', () => callOf(row, stage.stranger, missingIds), `${row.http}, by a token without admin`);
  }
  if (parametersOf(row).length === 0) return;
  const refusal = await assertRefused('NOT_FOUND', () => callOf(row, stage.sdk, missingIds), `${row.http}, of nobody`);
  if (scopeOf(row) !== 'admin') await assertKeepsOthersOut(stage, row, refusal.message);
}

async function assertTurnsStrangersAway(stage: Stage, row: Row): Promise<void> {
  const { requests } = await observe(() => refusalOf(() => callOf(row, stage.with(`sk-${'0'.repeat(64)}`), missingIds)));
  assert.deepEqual(requests.map(({ method, path }) => `${method} ${path}`), [`${methodOf(row)} ${fill(pathOf(row), missingIds)}`]);
  for (const secret of [`sk-${'0'.repeat(64)}`, '']) {
    await assertRefused('NOT_AUTHENTICATED', () => callOf(row, stage.with(secret), missingIds), `${row.http}, by nobody`);
  }
}

async function assertKeepsOthersOut(stage: Stage, row: Row, unknown: string): Promise<void> {
  const theirs = new Map<string, string>();
  for (const parameter of parametersOf(row)) theirs.set(parameter, await stage.foreign(parameter));
  const code = row.foreign ?? 'NOT_AUTHORIZED';
  const refusal = await assertRefused(code, () => callOf(row, stage.sdk, (name) => theirs.get(name)!), `${row.http}, of another account`);
  if (code === 'NOT_FOUND') assert.equal(refusal.message, unknown, 'as if it were not there');
}
