// A reporter for node --test: the files that took longest.
import path from 'node:path';

const shown = 6;

export default async function* slowest(events) {
  const files = [];
  for await (const { type, data } of events) {
    if (type === 'test:summary' && data.file) files.push({ name: path.basename(data.file), ms: data.duration_ms });
  }
  files.sort((a, b) => b.ms - a.ms);
  yield `slowest files: ${files.slice(0, shown).map(({ name, ms }) => `${name} ${(ms / 1000).toFixed(1)} s`).join(', ')}\n`;
}
