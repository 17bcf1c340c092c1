// Passes requests on to another server on this machine and keeps what was sent, as it was sent.
import { once } from 'node:events';
import http from 'node:http';

export async function startRecorder(target) {
  const requests = []; // {path, headers, body}, the body as text
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    requests.push({ path: request.url, headers: request.headers, body: body.toString() });
    const onward = http.request(new URL(request.url, target), { method: request.method, headers: request.headers }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.on('error', () => response.destroy()).pipe(response);
    });
    onward.on('error', () => response.destroy()).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}
