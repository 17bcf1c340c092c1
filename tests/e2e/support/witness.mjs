// Whether the API's own description is true: every request of a test goes to its server past a witness, who
// has the exchange judged by an independent validating proxy (prism). See tests/openapi/judged.mjs.
//
// The exchange itself is passed on byte for byte, as it comes, so that nothing is changed for the test. Then
// the request is made again, of prism, whose upstream is the witness: it gives the recorded response. Prism
// says in a header what of the two does not match the document. It runs without --errors, because that
// would put its own replies in the place of ours, and stop what tests send wrongly on purpose.
//
// Prism takes several milliseconds an exchange, so each distinct one (shape.mjs) is judged once.
//
// A violation is: a response that the document does not allow; a request that was taken although the document
// forbids it; an endpoint that answers and is not in the document.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { shapeOf } from './shape.mjs';
import { temporaryFolder } from './temporary_folder.mjs';

const program = fileURLToPath(new URL('../../openapi/node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url));
const startTimeoutMs = 60_000;
const largestBody = 1024 * 1024; // of a request; what is larger is about the limit, not about the shape
// As the document says: below every prefix, although it is described without one.
const everywhere = '/openapi.json';
// Answers of what is not there, not built, or not told to this caller.
const revealNothing = [401, 403, 404, 405, 501];
const exchangeHeader = 'x-exchange';
// Prism's own: not of the exchange.
const connectionHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'expect', 'accept-encoding'];

export class Witness {
  #document;
  #fronts = [];
  #recorded = new Map();
  #pending = new Set();
  #violations = new Set();
  #shapes = new Set();
  #count = 0;
  #prefix;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  #prism;
  #gone;
  #folder;

  // `document`: the description, as an object.
  static async start(document) {
    const witness = new Witness();
    witness.#document = document;
    witness.#prefix = ['/api/v1', '/v1', ''].find((prefix) => Object.keys(document.paths).some((one) => one.startsWith(`${prefix}/`)));
    await witness.#start();
    return witness;
  }

  async #start() {
    const folder = await temporaryFolder();
    this.#folder = folder; // until the end: prism watches its document, and goes with it
    const file = path.join(folder.path, 'openapi.json');
    await writeFile(file, JSON.stringify(this.#document));
    const upstream = await this.#listen((request, response) => this.#replay(request, response));
    this.#prism = spawn(process.execPath, [program, 'proxy', '--port', '0', '--cors=false', file, upstream], { stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = () => this.#prism.kill('SIGKILL');
    process.once('exit', kill);
    this.#gone = once(this.#prism, 'close').then(() => process.off('exit', kill));
    this.prismUrl = await listening(this.#prism);
  }

  async #listen(handle) {
    const server = http.createServer({ maxHeaderSize: 1024 * 1024 }, handle);
    this.#fronts.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${server.address().port}`;
  }

  // An address in front of the server at `url`; `who` is named with what is found there.
  standBefore(url, who = '') {
    return this.#listen((request, response) => this.#pass({ url, who }, request, response));
  }

  // Exchanges seen so far, and how many were unlike all others.
  get count() {
    return this.#count;
  }
  get distinct() {
    return this.#shapes.size;
  }

  // What was found, once everything that happened is judged.
  async findings() {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    return [...this.#violations];
  }

  async stop() {
    for (const server of this.#fronts) {
      server.closeAllConnections();
      server.close();
    }
    this.#agent.destroy();
    this.#prism.kill('SIGKILL');
    await this.#gone;
    await this.#folder.remove();
  }

  #pass({ url, who }, request, response) {
    const sent = [];
    const received = [];
    const onward = http.request(new URL(request.url, url), { method: request.method, headers: request.headers, agent: false }, (reply) => {
      response.writeHead(reply.statusCode, reply.statusMessage, reply.rawHeaders);
      response.flushHeaders();
      reply.on('data', (chunk) => received.push(chunk));
      reply.on('end', () => this.#consider(who, request, Buffer.concat(sent), reply, Buffer.concat(received)));
      reply.on('error', () => response.destroy());
      reply.pipe(response);
    });
    request.on('data', (chunk) => sent.push(chunk));
    request.pipe(onward);
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
  }

  #consider(who, request, sent, reply, received) {
    const place = this.#placeOf(request);
    if (!place || sent.length > largestBody) return;
    this.#count += 1;
    const shape = shapeOf(request, sent, reply, received);
    if (this.#shapes.has(shape)) return;
    this.#shapes.add(shape);
    const about = `${request.method} ${request.url.split('?')[0]}${who && ` (${who})`}`;
    const judged = this.#judge(about, place, request, sent, reply, received).catch((problem) => {
      this.#violations.add(`${about}: the witness failed: ${problem.message}`);
    });
    this.#pending.add(judged);
    judged.finally(() => this.#pending.delete(judged));
  }

  // The path as the document writes it; nothing for what is not the API's, or is about HTTP itself. The
  // document says that all prefixes are one, and that a slash at the end counts as absent.
  #placeOf(request) {
    if (!['GET', 'POST', 'PUT', 'PATCH'].includes(request.method)) return undefined;
    const [, prefix, path, query = ''] = /^((?:\/api)?\/v1(?=\/))?([^?]*)(\?.*)?$/s.exec(request.url);
    const bare = path.replace(/(?<=.)\/$/, '');
    if (bare === everywhere || (prefix === undefined && bare in this.#document.paths)) return `${bare}${query}`;
    return prefix === undefined ? undefined : `${this.#prefix}${bare}${query}`;
  }

  async #judge(about, place, request, sent, reply, received) {
    const key = randomUUID();
    this.#recorded.set(key, { reply, received });
    // Prism refuses by itself what is no JSON, so the response is judged beside an empty object.
    const isBroken = isJson(request.headers['content-type']) && !parses(sent);
    const headers = { ...without(request.headers, [...connectionHeaders, 'authorization']), ...credentials(request), [exchangeHeader]: key };
    const body = isBroken ? Buffer.from('{}') : sent;
    const length = body.length > 0 ? { 'content-length': body.length } : {};
    const options = { agent: this.#agent, method: request.method, headers: { ...headers, ...length } };
    const verdict = await ask(new URL(place, this.prismUrl), options, body);
    if (this.#recorded.delete(key)) throw new Error(`prism did not ask for the response: ${verdict.status} ${verdict.text.slice(0, 200)}`);
    const isTaken = reply.statusCode < 400;
    for (const { location, message } of JSON.parse(verdict.headers['sl-violations'] ?? '[]')) {
      const isUnknown = message === 'Selected route not found' && !revealNothing.includes(reply.statusCode);
      if (location[0] === 'response' || isTaken || isUnknown) {
        this.#violations.add(`${about}, answered ${reply.statusCode}: ${location.join('.')}: ${message}`);
      }
    }
  }

  #replay(request, response) {
    const key = request.headers[exchangeHeader];
    const { reply, received } = this.#recorded.get(key);
    this.#recorded.delete(key);
    request.resume();
    response.writeHead(reply.statusCode, without(reply.headers, connectionHeaders));
    response.end(received);
  }
}

const isJson = (type = '') => type.split(';')[0].trim().toLowerCase() === 'application/json';
const without = (headers, names) => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

// The only scheme that is described. Prism wants its name in capitals, and takes any header for credentials; an
// operation that needs none may be sent nonsense.
function credentials({ headers }) {
  const [, given] = /^bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return given === undefined ? {} : { authorization: `Bearer ${given}` };
}

function parses(bytes) {
  try {
    if (bytes.length > 0) JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { ...options, maxHeaderSize: 1024 * 1024 }, async (response) => {
      const chunks = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
      } catch (problem) {
        return reject(problem);
      }
      return resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`prism did not start:\n${output}`)), startTimeoutMs);
    const read = (chunk) => {
      output = (output + chunk).slice(-100_000);
      const found = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', (code) => reject(new Error(`prism ended with ${code}: is it installed? Type tools/setup test\n${output}`)));
  });
}
