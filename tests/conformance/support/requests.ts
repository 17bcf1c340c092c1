// What the official client sends: it looks its fetch up with every request, so that the requests can be
// seen from outside.
import assert from 'node:assert/strict';

export interface Sent {
  readonly method: string;
  readonly path: string; // without the prefix /api/v1, as it stood on the wire
  readonly query: URLSearchParams;
  readonly headers: Headers;
}

const seeing: Sent[][] = [];
const real = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = new URL(String(input));
  const sent = {
    method: init?.method ?? 'GET', path: url.pathname.replace(/^\/api\/v1/, ''), query: url.searchParams,
    headers: new Headers(init?.headers),
  };
  for (const seen of seeing) seen.push(sent);
  return real(input, init);
};

// Runs `work`; gives what it gave and the requests that it took. One at a time, because what others send
// meanwhile would be counted.
export async function observe<Value>(work: () => PromiseLike<Value>): Promise<{ value: Value; requests: Sent[] }> {
  const requests: Sent[] = [];
  seeing.push(requests);
  try {
    return { value: await work(), requests };
  } finally {
    seeing.splice(seeing.indexOf(requests), 1);
  }
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

// What the call was refused with, or undefined.
export async function refusalOf(work: () => PromiseLike<unknown>): Promise<Refusal | undefined> {
  try {
    await work();
    return undefined;
  } catch (problem) {
    const { code, message } = problem as Partial<Refusal>;
    if (typeof code !== 'string') throw problem;
    return { code, message: String(message) };
  }
}

// Fails unless the call is refused with this code, after one request: what is final is not repeated.
export async function assertRefused(code: string, work: () => PromiseLike<unknown>, about = '', attempts = 1): Promise<Refusal> {
  const { value: refusal, requests } = await observe(() => refusalOf(work));
  assert.ok(refusal, `not refused, ${code} was expected: ${about || work}`);
  assert.equal(refusal.code, code, `${refusal.message}: ${about || work}`);
  assert.equal(requests.length, attempts, `requests of ${about || work}`);
  return refusal;
}

export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
