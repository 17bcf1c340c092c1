// The mail relay of tests/support/smtp_sink.mjs as a child process; its options are described there.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { eventually } from './eventually.mjs';

const support = fileURLToPath(new URL('../../support/', import.meta.url));

export async function startSmtp(t, options = {}) {
  const relay = new Smtp(options);
  t.after(() => relay.stop());
  await relay.told('listening');
  return relay;
}

class Smtp {
  events = [];
  #child;
  #ended;

  constructor(options) {
    this.#child = spawn(process.execPath, [path.join(support, 'smtp_sink.mjs'), JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.events.push(JSON.parse(line)));
  }

  // Waits until that many events of the name have been told, and gives them.
  told(event, count = 1) {
    const all = () => this.events.filter((one) => one.event === event);
    return eventually(`the mail relay says ${count} times "${event}"`, () => all().length >= count && all());
  }
  get mails() {
    return this.events.filter((one) => one.event === 'mail');
  }
  get url() {
    return `smtp://127.0.0.1:${this.events[0].port}`;
  }
  get certificate() {
    return this.events[0].certificate;
  }

  async stop() {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}

// A mail as Python's parser reads it; see tests/support/parse_mail.py.
export function parseMail(mail) {
  const parsed = spawnSync('python3', [path.join(support, 'parse_mail.py')], { input: Buffer.from(mail.raw, 'base64') });
  return JSON.parse(parsed.stdout.toString());
}
