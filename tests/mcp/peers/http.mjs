// Serves our tools over Streamable HTTP in both eras; prints its port, and each request's first line.
import http from 'node:http';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { makeServer } from './tools.mjs';

const handler = createMcpHandler(makeServer);
const server = http.createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const asked = new Request(`http://${request.headers.host}${request.url}`, {
    method: request.method, headers: request.headers, body: pieces.length > 0 ? Buffer.concat(pieces) : undefined, signal: gone.signal,
  });
  const answer = await handler.fetch(asked);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) for await (const piece of answer.body) response.write(piece);
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
