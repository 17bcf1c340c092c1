// Listens on every address of the machine, and keeps who came: for tests in a network of their own,
// where that is every address there is (own_network.mjs).
import http from 'node:http';
import net from 'node:net';

import { hasIpv6 } from './own_network.mjs';

export async function startOpenSink(ports) {
  const sink = new OpenSink();
  await sink.listen(ports);
  return sink;
}

class OpenSink {
  // Every connection, whether it said something or not: {address, port, paths}, the address as it was
  // called, IPv4 without its prefix.
  connections = [];
  #servers = [];

  async listen(ports) {
    for (const port of ports) {
      const server = http.createServer((request, response) => this.#answer(request, response));
      server.on('connection', (socket) => {
        socket.visit = { address: socket.localAddress.replace(/^::ffff:(?=\d+\.)/, ''), port, paths: [] };
        this.connections.push(socket.visit);
      });
      // What speaks no HTTP has connected all the same, and is let go.
      server.on('clientError', (_, socket) => socket.destroy());
      await new Promise((resolve, reject) => server.once('error', reject).listen(port, hasIpv6() ? '::' : '0.0.0.0', resolve));
      this.#servers.push(server);
    }
  }

  // The places that were connected to since the last call, each as often as it was: "10.1.2.3:8080 /path".
  taken() {
    return this.connections.splice(0).map(({ address, port, paths }) =>
      [`${net.isIP(address) === 6 ? `[${address}]` : address}:${port}`, ...paths].join(' '));
  }

  async stop() {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  // "/302/to/URL" leads there, with the URL percent-encoded.
  #answer(request, response) {
    request.resume();
    request.socket.visit.paths.push(request.url);
    const [, status, target] = /^\/(\d{3})\/to\/(.*)$/.exec(request.url) ?? [];
    response.setHeader('connection', 'close'); // one connection a request
    if (target !== undefined) response.writeHead(Number(status), { location: Buffer.from(decodeURIComponent(target)).toString('latin1') });
    response.end('here');
  }
}
