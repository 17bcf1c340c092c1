import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'bellpull-e2e-'));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
