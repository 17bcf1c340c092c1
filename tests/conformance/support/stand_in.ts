// A server that answers as it is told, for what a server may answer and ours does not.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface StandIn {
  readonly url: string;
  readonly requests: http.IncomingMessage[];
}

export async function standIn(test: TestContext, answer: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<StandIn> {
  const requests: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
