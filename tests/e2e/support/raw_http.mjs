// HTTP byte by byte, for what a proper client would not send.
import net from 'node:net';

const timeoutMs = 15_000;

// Sends these bytes on a new connection and reads until the server closes it. The request should say
// "Connection: close".
export function exchange(port, request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
    const finish = () => {
      try {
        resolve(parse(Buffer.concat(chunks)));
      } catch (problem) {
        reject(problem);
      }
    };
    socket.setTimeout(timeoutMs, () => {
      reject(new Error(`the connection is still open after ${timeoutMs} ms: ${Buffer.concat(chunks).toString('latin1').slice(0, 200)}`));
      socket.destroy();
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that refuses a request before it has read all of it resets the connection after its answer.
    socket.on('error', (problem) => (chunks.length > 0 ? finish() : reject(problem)));
    socket.on('end', () => socket.end());
    socket.on('close', finish);
  });
}

// Sends a head that says "Expect: 100-continue" and "Connection: close", and when the server asks for the
// body, the one that `bodyOf` resolves to.
export function exchangeOnceAdmitted(port, head, bodyOf) {
  const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let asked = false;
    const socket = net.connect(port, '127.0.0.1', () => socket.write(head));
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (asked || !received.toString('latin1').startsWith(goOn)) return;
      asked = true;
      received = received.subarray(goOn.length);
      bodyOf().then((body) => socket.write(body), reject);
    });
    socket.on('error', reject);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      try {
        resolve(parse(received));
      } catch (problem) {
        reject(problem);
      }
    });
  });
}

// The first response of the bytes.
export function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`not a response: ${bytes.toString('latin1').slice(0, 200)}`);
  const [statusLine, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const rest = bytes.subarray(end + 4);
  const body = headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest;
  if (rest.length < Number(headers['content-length'] ?? 0)) throw new Error(`the response breaks off: ${rest.length} of ${headers['content-length']} bytes`);
  return { status, headers, body, text: body.toString('utf8') };
}

function unchunk(bytes) {
  const parts = [];
  for (;;) {
    const line = bytes.indexOf('\r\n');
    const size = Number.parseInt(bytes.subarray(0, line).toString('latin1'), 16);
    if (line < 0 || !(size >= 0) || bytes.length < line + 2 + size + 2) throw new Error('the response breaks off within a chunk');
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    bytes = bytes.subarray(line + 2 + size + 2);
  }
}
