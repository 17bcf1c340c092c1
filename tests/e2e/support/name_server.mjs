// A name server that says what the test wants, which may be another thing each time.
import dgram from 'node:dgram';
import net from 'node:net';

const types = { 1: 'A', 28: 'AAAA' };
const headBytes = 12;

export async function startNameServer({ address = '127.0.0.1', port = 53 } = {}) {
  const server = new NameServer();
  await server.listen(port, address);
  return server;
}

class NameServer {
  // What was asked, oldest first: {name, type}.
  questions = [];
  #answers = new Map();
  #socket = dgram.createSocket('udp4');

  // `answer` is a list of addresses, or a function that gives the list for the `time`th question (0,
  // 1, ...) of each type. What is not known does not exist.
  know(name, answer) {
    this.#answers.set(name, typeof answer === 'function' ? answer : () => answer);
    return name;
  }

  timesAsked(name, type = 'A') {
    return this.questions.filter((one) => one.name === name && one.type === type).length;
  }

  listen(port, address) {
    this.#socket.on('message', (query, from) => this.#socket.send(this.#reply(query), from.port, from.address));
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(port, address, resolve);
    });
  }

  stop() {
    return new Promise((resolve) => this.#socket.close(resolve));
  }

  #reply(query) {
    const { name, type, end } = questionOf(query);
    const answer = this.#answers.get(name);
    const time = this.timesAsked(name, type);
    this.questions.push({ name, type });
    const family = type === 'A' ? 4 : 6;
    const addresses = answer && types[query.readUInt16BE(end - 4)] ? answer(time).filter((one) => net.isIP(one) === family) : [];
    const head = Buffer.alloc(headBytes);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(answer ? 0x8580 : 0x8583, 2); // an authoritative answer, or "no such name"
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(addresses.length, 6);
    return Buffer.concat([head, query.subarray(headBytes, end), ...addresses.map(record)]);
  }
}

function questionOf(query) {
  const labels = [];
  let at = headBytes;
  for (; query[at] > 0; at += 1 + query[at]) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  return { name: labels.join('.').toLowerCase(), type: types[query.readUInt16BE(at + 1)], end: at + 5 };
}

// To be asked for again at once: nothing is kept that the server itself does not keep.
const timeToLive = 0;

function record(address) {
  const data = bytesOf(address);
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(0xc000 + headBytes, 0); // the name of the question
  head.writeUInt16BE(data.length === 4 ? 1 : 28, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(timeToLive, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOf(address) {
  if (net.isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [, v4] = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? [];
  const whole = v4 ? address.slice(0, -v4.length) + bytesOf(v4).toString('hex').replace(/^(....)/, '$1:') : address;
  const [before, after] = whole.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = after === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.from(groups.map((one) => one.padStart(4, '0')).join(''), 'hex');
}
