// A web server that gives everything away: what it is sent comes back in its replies, as it was and in
// every spelling that a careless server, or its error page, may use.
import { once } from 'node:events';
import http from 'node:http';

export async function startMirror() {
  const mirror = new Mirror();
  await mirror.listen();
  return mirror;
}

// Of base64, the digits that only the text decides, wherever it begins in what was encoded.
function base64(text) {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const digits = encoded.slice(Math.ceil((8 * before) / 6), Math.floor((8 * (before + bytes.length)) / 6));
    return [digits, digits.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

// How a text may be spelt where it should not be.
export function spellings(text) {
  const hex = Buffer.from(text).toString('hex');
  const percent = hex.replaceAll(/../g, '%$&');
  return [...new Set([
    text, ...base64(text), hex, hex.toUpperCase(), percent, percent.toUpperCase(), encodeURIComponent(text), encodeURIComponent(text).replaceAll(/%../g, (one) => one.toLowerCase()),
    encodeURI(text), new URLSearchParams({ a: text }).toString().slice(2), JSON.stringify(text).slice(1, -1), JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ])];
}

class Mirror {
  // What it was sent: {path, headers, body}.
  requests = [];
  #server = http.createServer((request, response) => this.#receive(request, response));

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }
  get host() {
    return `127.0.0.1:${this.#server.address().port}`;
  }
  get url() {
    return `http://${this.host}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  // The path begins with a way to answer: /200, /404, /500, ... or /cut; a type may follow: /200/html.
  async #receive(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    this.requests.push({ path: request.url, headers: request.headers, body });
    const parts = partsOf(request, body);
    const said = parts.flatMap(spellings);
    const [, way, type] = request.url.split(/[/?]/);
    if (way === 'cut') {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(said.join('\n'), () => request.socket.destroy());
      return;
    }
    response.writeHead(Number(way), `OK ${said[0].slice(0, 40)}`, {
      'content-type': { html: 'text/html', text: 'text/plain' }[type] ?? 'application/json',
      location: `/200/text?back=${encodeURIComponent(parts[0])}`, link: `<${parts[0]}>; rel=next`, 'x-echo': said.filter((one) => /^[ -~]*$/.test(one)).slice(0, 40),
    });
    response.end(type === undefined ? JSON.stringify({ mirror: 'the mirror says', said, keys: Object.fromEntries(said.map((one, i) => [one, i])) }) : `the mirror says\n${said.join('\n')}\n`);
  }
}

// The texts that may be, or hold, a secret.
function partsOf(request, body) {
  const { authorization = '', ...headers } = request.headers;
  const [, scheme, credentials] = /^(\S+) (.*)$/.exec(authorization) ?? [];
  const basic = scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString() : '';
  const values = Object.entries(headers).filter(([name]) => name.startsWith('x-')).map(([, value]) => value);
  const query = [...new URL(request.url, 'http://mirror').searchParams.values()];
  return [authorization, credentials, basic, basic.slice(basic.indexOf(':') + 1), ...values, ...query, body, 'nothing'].filter(Boolean);
}
