// Two linters that know nothing of each other, each with its committed rules.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '../e2e/support/temporary_folder.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const modules = here('node_modules');

function run(program, args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
    const child = spawn(process.execPath, [path.join(modules, program), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function parsed({ code, stdout, stderr }) {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the linter ended with ${code}: is it installed? Type tools/setup test\n${stdout}${stderr}`);
  }
}

const linters = {
  redocly: async (file) => {
    const { problems } = parsed(await run('@redocly/cli/bin/cli.js', ['lint', file, '--config', here('redocly.yaml'), '--format', 'json', '--max-problems', '1000']));
    return problems.map(({ ruleId, severity, message, location }) => `${severity} ${ruleId}: ${message} (${location?.[0]?.pointer ?? ''})`);
  },
  spectral: async (file) => {
    const args = ['lint', file, '--ruleset', here('spectral.yaml'), '--format', 'json', '--fail-severity', 'hint', '--quiet'];
    const found = parsed(await run('@stoplight/spectral-cli/dist/index.js', args));
    return found.map(({ code, message, path: place }) => `${code}: ${message} (${place.join('.')})`);
  },
};
export const linterNames = Object.keys(linters);

// What this linter says of the document; nothing is what it should be.
export async function lint(name, document) {
  const folder = await temporaryFolder();
  try {
    const file = path.join(folder.path, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    return await linters[name](file);
  } finally {
    await folder.remove();
  }
}
