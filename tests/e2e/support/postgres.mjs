// A PostgreSQL server of the test's own, as tests/support/postgres_server.h: a new cluster in a
// scratch folder, on a free port of 127.0.0.1 and a unix socket. It runs as an unprivileged user
// when the test is root's, and dies with the test's process.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

import { temporaryFolder } from './temporary_folder.mjs';

const startTimeoutMs = 20_000;
const installed = '/usr/lib/postgresql';

// Of the newest version that is installed.
function program(name) {
  const versions = readdirSync(installed).filter((one) => /^\d+$/.test(one)).sort((a, b) => b - a);
  assert.ok(versions.length > 0, 'no PostgreSQL server here; see tools/setup test');
  return path.join(installed, versions[0], 'bin', name);
}

const isRoot = process.getuid() === 0;
function unprivileged(command) {
  if (!isRoot) return command;
  return ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--pdeathsig', 'INT', '--', ...command];
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

class PostgresServer {
  #folder;
  #child;
  #output = '';

  async make() {
    this.#folder = await temporaryFolder();
    if (isRoot) execFileSync('chown', ['postgres:postgres', this.#folder.path]);
    const [command, ...args] = unprivileged([
      program('initdb'), '--pgdata', path.join(this.#folder.path, 'data'), '--username', 'admin', '--auth-local', 'trust',
      '--auth-host', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions',
    ]);
    execFileSync(command, args, { stdio: 'pipe' });
    this.port = await freePort();
    await this.start();
  }

  start() {
    const [command, ...args] = unprivileged([
      program('postgres'), '-D', path.join(this.#folder.path, 'data'), '-k', this.#folder.path, '-p', String(this.port),
      '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'shared_buffers=16MB',
    ]);
    this.#child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const child = this.#child;
    process.once('exit', () => child.kill('SIGQUIT'));
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`the PostgreSQL server did not start:\n${this.#output}`));
      const timer = setTimeout(fail, startTimeoutMs);
      child.once('exit', fail);
      child.stderr.on('data', (chunk) => {
        this.#output += chunk;
        if (!this.#output.includes('ready to accept connections')) return;
        clearTimeout(timer);
        child.off('exit', fail);
        resolve();
      });
    });
  }

  // As in a crash: every process of it ends at once.
  async kill() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGQUIT');
    await ended;
    this.#output = '';
  }

  async stop() {
    await this.kill();
    await this.#folder.remove();
  }

  uri(user, password) {
    return `postgresql://${user}${password ? `:${password}` : ''}@127.0.0.1:${this.port}/postgres`;
  }

  // Runs SQL of any number of statements as the superuser; gives what psql prints, bare.
  async run(sql) {
    const { stdout } = await promisify(execFile)(program('psql'), [
      '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', this.#folder.path, '-p', String(this.port), '-U', 'admin', '-d', 'postgres', '-c', sql,
    ]);
    return stdout.trim();
  }
}

export async function startPostgres() {
  const server = new PostgresServer();
  await server.make();
  return server;
}
