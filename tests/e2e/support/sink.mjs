// The other side of fetch abilities: a small server that keeps what it is sent.
import http from 'node:http';

export async function startSink() {
  const sink = new Sink();
  await sink.listen();
  return sink;
}

class Sink {
  requests = [];
  #gates = new Map();
  #silent = new Map();
  #server = http.createServer((request, response) => this.#receive(request, response));

  listen() {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }
  get port() {
    return this.#server.address().port;
  }
  // For the operator's allow-list.
  get host() {
    return `127.0.0.1:${this.port}`;
  }
  get url() {
    return `http://${this.host}`;
  }

  at(path) {
    return this.requests.filter((request) => request.path === path);
  }

  // Answers to these paths are held back until each of them has been asked for once: only calls that
  // are made at the same time get through.
  expectTogether(...paths) {
    const gate = { missing: new Set(paths), held: [] };
    for (const path of paths) this.#gates.set(path, gate);
  }

  // Never answers at this path; `then` is given the connection of each request.
  keepSilent(path, then = () => {}) {
    this.#silent.set(path, then);
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url;
      this.requests.push({ method: request.method, path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const answer = () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ received: path }));
      };
      if (this.#silent.has(path)) return this.#silent.get(path)(request.socket);
      const gate = this.#gates.get(path);
      if (!gate) return answer();
      gate.held.push(answer);
      gate.missing.delete(path);
      if (gate.missing.size === 0) for (const one of gate.held.splice(0)) one();
    });
  }
}

// An ability that posts its one parameter to the sink.
export function postAbility(sink, name, path, parameter) {
  return {
    name,
    description: `Posts ${parameter} to ${path}`,
    instruction: [
      '```fetch',
      `POST ${sink.url}${path}`,
      'Content-Type: application/json',
      '',
      `{"${parameter}": $[${parameter}! ys|the ${parameter}]}`,
      '```',
    ].join('\n'),
  };
}
