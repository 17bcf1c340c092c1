// Drives the probe (probe.cpp): one server, requests as objects, answers as promises.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.dirname(process.env.BELLPULL_BINARY ?? path.join(here, '../../build/release/bellpull'));
export const program = process.env.MCP_PROBE ?? path.join(folder, 'bin/mcp_probe');
export const peer = (name) => path.join(here, 'peers', name);
export const packageFile = (name, file = 'dist/index.js') => path.join(here, 'node_modules/@modelcontextprotocol', name, file);
export const newFolder = () => mkdtempSync(path.join(os.tmpdir(), 'bellpull-mcp-'));

export class Probe {
  constructor(server, { environment = {}, directory = newFolder(), era, callMs } = {}) {
    const variables = { ...process.env, MCP_PROBE_DIRECTORY: directory };
    if (era) variables.MCP_PROBE_ERA = era;
    if (callMs) variables.MCP_PROBE_CALL_MS = String(callMs);
    for (const [name, value] of Object.entries(environment)) variables[`MCP_PROBE_ENV_${name}`] = value;
    this.directory = directory;
    this.log = '';
    this.waiting = new Map();
    this.lines = 0;
    this.process = spawn(program, server, { env: variables });
    this.ended = once(this.process, 'exit');
    this.process.stderr.on('data', (piece) => { this.log += piece; });
    this.process.on('exit', () => { for (const { reject } of this.waiting.values()) reject(new Error(`the probe ended\n${this.log}`)); });
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      this.waiting.get(answer.line).resolve(answer);
      this.waiting.delete(answer.line);
    });
  }

  ask(request) {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    this.lines += 1;
    return new Promise((resolve, reject) => this.waiting.set(this.lines, { resolve, reject }));
  }

  list() { return this.ask({ do: 'list' }); }
  call(tool, args = {}, more = {}) { return this.ask({ do: 'call', tool, arguments: args, ...more }); }
  health() { return this.ask({ do: 'health' }); }

  // Ends the session or process as a stop of the server does, and gives the exit code.
  async stop() {
    this.process.stdin.end();
    const [code] = await this.ended;
    return code;
  }
}

// Runs `body` with a probe, which is stopped whatever happens.
export async function withProbe(server, options, body) {
  const probe = new Probe(server, options);
  try {
    await body(probe);
  } finally {
    await probe.stop();
  }
  return probe;
}

// A zombie is not: whoever inherited it has yet to look.
export const isAlive = (pid) => {
  try { return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; }
};
