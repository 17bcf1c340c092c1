// Starts the server, fetches its description, and writes docs/api: node tools/api_docs.mjs BINARY
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { pagesOf, textOf } from './api_pages.mjs';

const binary = process.argv[2];
const folder = await mkdtemp(path.join(tmpdir(), 'bellpull-docs-'));
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', path.join(folder, 'data')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = await new Promise((found, failed) => {
    let text = '';
    server.stdout.on('data', (chunk) => {
      text += chunk;
      const listening = /listening on (\S+)/.exec(text);
      if (listening) found(listening[1]);
    });
    server.on('error', failed);
    server.on('exit', (code) => failed(new Error(`the server ended with ${code}`)));
  });
  const document = await (await fetch(`${url}/openapi.json`)).json();
  const pages = pagesOf(document);
  await writeFile('docs/api/openapi.json', textOf(document));
  for (const [name, text] of pages) await writeFile(path.join('docs/api', name), text);
  console.log(`docs/api: openapi.json and ${pages.size} pages`);
} finally {
  server.removeAllListeners('exit');
  server.kill('SIGTERM');
  await new Promise((ended) => (server.exitCode === null ? server.on('exit', ended) : ended()));
  await rm(folder, { recursive: true, force: true });
}
