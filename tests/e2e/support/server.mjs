// The real server as a child process: started on a free port in a folder of its own, stopped by its
// pid, its output collected.
//
// Every stop checks two promises besides what the test is about: the exit code is 0, and none of the
// secrets that passed through the test stands in the log.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Api } from './api.mjs';
import { temporaryFolder } from './temporary_folder.mjs';
import { pastWitness } from './witnessed.mjs';

export { temporaryFolder };

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const binary = path.resolve(root, process.env.BELLPULL_BINARY ?? 'build/release/bellpull');

const startTimeoutMs = 20_000;
const stopTimeoutMs = 40_000;

const running = new Set();
// When the test process goes first, whatever the reason, no server outlives it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export const newToken = () => `sk-${randomBytes(32).toString('hex')}`;

// Nothing of the surrounding environment decides what the server does.
function environment(extra) {
  const kept = {};
  for (const name of ['PATH', 'HOME', 'LANG', 'TZ', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, ...extra };
}

// Runs the program to its end.
export function run(args, { env = {}, cwd, timeoutMs = startTimeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: environment(env), cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

export class Server {
  #child;
  #stdout = '';
  #stderr = '';
  #secrets = new Set();
  #folder;
  #address;
  #url;
  #isToldToEnd = false;
  #isChecked = false;

  // Options: data (a folder to use, else a fresh one), config (TOML text), env, args, adminToken
  // (null for none).
  static async start({ data, config, env = {}, args = [], adminToken = newToken() } = {}) {
    const folder = await temporaryFolder();
    const server = new Server();
    server.#folder = folder;
    server.data = data ?? path.join(folder.path, 'data');
    server.adminToken = adminToken;
    const argv = ['serve', '--listen', '127.0.0.1:0', '--data', server.data, '--log-format', 'json'];
    if (config !== undefined) {
      const file = path.join(folder.path, 'bellpull.toml');
      await writeFile(file, config);
      argv.push('--config', file);
    }
    const tokens = adminToken === null ? {} : { BELLPULL_ADMIN_TOKEN: adminToken };
    if (adminToken !== null) server.protect(adminToken);
    if (env.OPENAI_API_KEY) server.protect(env.OPENAI_API_KEY);
    try {
      await server.#launch([...argv, ...args], { ...tokens, ...env }, folder.path);
      server.#url = await pastWitness(server.#address.url);
    } catch (problem) {
      server.#child?.kill('SIGKILL');
      await folder.remove();
      throw problem;
    }
    return server;
  }

  #launch(argv, env, cwd) {
    const child = spawn(binary, argv, { env: environment(env), cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    running.add(child);
    child.stderr.on('data', (chunk) => (this.#stderr += chunk));
    this.exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`the server did not say where it listens:\n${this.#stdout}${this.#stderr}`));
      }, startTimeoutMs);
      child.on('error', reject);
      child.stdout.on('data', (chunk) => {
        this.#stdout += chunk;
        const found = /^listening on (http:\/\/127\.0\.0\.1:(\d+))\s*$/m.exec(this.#stdout);
        if (!found || this.#address) return;
        clearTimeout(timer);
        this.#address = { url: found[1], port: Number(found[2]) };
        resolve();
      });
      this.exited.then(({ code, signal }) => {
        clearTimeout(timer);
        reject(new Error(`the server ended with ${code ?? signal}:\n${this.#stdout}${this.#stderr}`));
      });
    });
  }

  get url() {
    return this.#url;
  }
  get port() {
    return this.#address.port;
  }
  get pid() {
    return this.#child.pid;
  }
  get stdout() {
    return this.#stdout;
  }
  get log() {
    return this.#stderr;
  }
  get logLines() {
    return this.#stderr.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  api(token = this.adminToken) {
    return new Api(this, token);
  }

  // From now on this text must not appear in the log.
  protect(secret) {
    this.#secrets.add(secret);
  }

  // Nobody reads what it prints any more.
  closeOutput() {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  signal(name) {
    this.#isToldToEnd = true;
    this.#child.kill(name);
  }

  // Waits for the end of a server that has been told to end, or that ends by itself.
  async ended(withinMs = stopTimeoutMs) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve(null), withinMs);
    });
    const end = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    if (end === null) {
      this.signal('SIGKILL');
      await this.exited;
      assert.fail(`the server did not end within ${withinMs} ms:\n${this.#tail()}`);
    }
    this.#checkLog();
    return end;
  }

  async stop() {
    try {
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null) {
        assert.ok(this.#isToldToEnd, `the server ended by itself, with ${exitCode ?? signalCode}:\n${this.#tail()}`);
        await this.exited;
        if (!this.#isChecked) this.#checkLog();
        return;
      }
      this.signal('SIGTERM');
      const { code, signal } = await this.ended();
      assert.equal(code, 0, `the server ended with ${code ?? signal}:\n${this.#tail()}`);
    } finally {
      await this.#folder.remove();
    }
  }

  #tail() {
    return this.#stderr.slice(-4_000);
  }

  #checkLog() {
    this.#isChecked = true;
    for (const secret of this.#secrets) {
      const line = this.#stderr.split('\n').find((one) => one.includes(secret));
      assert.ok(line === undefined, `the log shows a secret: ${line?.replaceAll(secret, '[SECRET]')}`);
    }
  }
}

// A server for all tests of a file or a suite. `options` may be a function, called when the server is
// started; `stage.server` and `stage.api` exist in tests.
export function useServer(options = {}) {
  const stage = {};
  before(async () => {
    stage.server = await Server.start(typeof options === 'function' ? await options() : options);
    stage.api = stage.server.api();
  });
  after(async () => {
    await stage.server?.stop();
  });
  return stage;
}

// A server for one test.
export async function startServer(test, options) {
  const server = await Server.start(options);
  test.after(() => server.stop());
  return server;
}
