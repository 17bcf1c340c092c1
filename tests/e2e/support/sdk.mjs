// The official client, unmodified, in front of our server.
import assert from 'node:assert/strict';

import { ChatBotKit } from '@chatbotkit/sdk';

export const sdkFor = (server, options = {}) =>
  new ChatBotKit({ secret: server.adminToken, baseUrl: server.url, ...options });

// Fails unless the call is refused with this code; gives the number of requests it took.
export async function refusedWith(code, call) {
  const requests = countRequests();
  try {
    await assert.rejects(async () => await call(), (error) => {
      assert.equal(error.code, code, `${error.code}: ${error.message}`);
      return true;
    });
    return requests.stop();
  } finally {
    requests.stop();
  }
}

// The client looks its fetch up with every request, so that they can be counted from outside.
export function countRequests() {
  const real = globalThis.fetch;
  let count = 0;
  globalThis.fetch = (...given) => {
    count += 1;
    return real(...given);
  };
  return {
    stop: () => {
      globalThis.fetch = real;
      return count;
    },
  };
}

export async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}
