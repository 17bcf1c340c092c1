// An OpenAI server that is not ours: aimock as a program of its own, strict, with scripted answers.
//
// A scenario is a model name and the answers it gives, one per request; a request beyond the last is
// refused (503), so that nothing is asked once too often without notice.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { temporaryFolder } from './server.mjs';

const require = createRequire(import.meta.url);
const program = path.join(path.dirname(require.resolve('@copilotkit/aimock')), 'cli.js');

export const apiKey = 'sk-stand-in-key-5d41402abc4b2a76b9719d911017c592';

// `scenarios`: {model: [answer, ...]}; an answer is {response, chaos?}. `always` in place of the
// array's first element repeats the second one for ever.
export async function startModelStandIn(scenarios) {
  const folder = await temporaryFolder();
  const file = path.join(folder.path, 'fixtures.json');
  await writeFile(file, JSON.stringify({ fixtures: Object.entries(scenarios).flatMap(fixturesOf) }));
  const child = spawn(process.execPath, [program, '--port', '0', '--strict', '--journal-max', '0', '--fixtures', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const url = await listening(child);
  return {
    url,
    environment: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: apiKey },
    // What it was sent, oldest first: {timestamp, headers, body, response: {status}}.
    journal: async (model) => {
      const entries = await (await fetch(`${url}/__aimock/journal`)).json();
      return model === undefined ? entries : entries.filter((entry) => entry.body?.model === model);
    },
    stop: async () => {
      process.off('exit', kill);
      const gone = new Promise((resolve) => child.on('close', resolve));
      child.kill('SIGTERM');
      await gone;
      await folder.remove();
    },
  };
}

function fixturesOf([model, answers]) {
  if (answers[0] === 'always') return [{ match: { model }, ...answers[1] }];
  return answers.map((answer, sequenceIndex) => ({ match: { model, sequenceIndex }, ...answer }));
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`aimock did not start:\n${output}`)), 20_000);
    const read = (chunk) => {
      output += chunk;
      const found = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', (code) => reject(new Error(`aimock ended with ${code}:\n${output}`)));
  });
}

// Answers.
export const says = (content) => ({ response: { content } });
// `list`: [id, name, arguments], the arguments as an object or as raw text.
export const calls = (list, more = {}) => ({
  response: {
    ...more,
    toolCalls: list.map(([id, name, args]) => ({
      id,
      name,
      arguments: typeof args === 'string' ? args : JSON.stringify(args),
    })),
  },
});
export const settles = (reason = 'done', id = 'call_settle') => calls([[id, '_success', { reason }]]);
export const refuses = (status, error, more = {}) => ({ response: { status, error, ...more } });
export const sendsGarbage = { response: { content: 'x' }, chaos: { malformedRate: 1 } };
// Of a stream: it breaks off after so many pieces.
export const breaksOff = (answer, pieces) => ({ ...answer, chunkSize: 4, truncateAfterChunks: pieces });
export const hangsUp = { response: { content: 'x' }, chaos: { disconnectRate: 1 } };
