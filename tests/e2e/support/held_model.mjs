// A model server whose answers the test gives when it likes: for runs that must be going on.
import http from 'node:http';

export async function startHeldModel() {
  const model = new HeldModel();
  await model.listen();
  return model;
}

class HeldModel {
  // Every request ever received: {body, isOpen, answer(message)}.
  requests = [];
  #waiters = [];
  #taken = 0;
  #server = http.createServer((request, response) => this.#receive(request, response));

  listen() {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }
  get environment() {
    const { port } = this.#server.address();
    return { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'sk-held-model-key-0123456789abcdef' };
  }

  // The next request that no one has asked for yet, as soon as it is there.
  async next(withinMs = 15_000) {
    const index = this.#taken++;
    if (index < this.requests.length) return this.requests[index];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the model was not asked')), withinMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve(this.requests[index]);
      });
    });
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const held = {
        body: JSON.parse(Buffer.concat(chunks).toString()),
        isOpen: true,
        answer: (message) => response.end(JSON.stringify(completion(message))),
      };
      held.closed = new Promise((resolve) => {
        response.on('close', () => {
          held.isOpen = false;
          resolve();
        });
      });
      response.setHeader('content-type', 'application/json');
      this.requests.push(held);
      this.#waiters.shift()?.();
    });
  }
}

let answered = 0;
function completion({ content = null, calls = [] }) {
  answered += 1;
  const toolCalls = calls.map(([name, args], index) => ({
    id: `call_${answered}_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
  return {
    id: `held-${answered}`,
    object: 'chat.completion',
    created: 1_795_000_000,
    model: 'held',
    choices: [
      {
        index: 0,
        finish_reason: toolCalls.length > 0 ? 'tool_calls' : 'stop',
        logprobs: null,
        message: { role: 'assistant', content, refusal: null, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) },
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };
}

export const success = { calls: [['_success', { reason: 'done' }]] };
