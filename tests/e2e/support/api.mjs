// A plain client of the public API: what it gets is what the wire said, nothing is corrected.
import assert from 'node:assert/strict';

const pendingStates = new Set(['queued', 'running', 'waiting', 'retrying']);

export class Api {
  #server;
  #token;

  constructor(server, token) {
    this.#server = server;
    this.#token = token;
  }

  // One request; any status is an answer. Of a stream that stays open, what comes within `untilMs`.
  async call(method, path, { query, body, headers = {}, untilMs } = {}) {
    const url = new URL(`/api/v1${path}`, this.#server.url);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.append(name, value);
    const response = await fetch(url, {
      method,
      headers: {
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = untilMs === undefined ? await response.text() : await textWithin(response, untilMs);
    const isJson = response.headers.get('content-type')?.split(';')[0] === 'application/json';
    const reply = { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
    for (const name of ['secret', 'token']) {
      if (isJson && typeof reply.body[name] === 'string') this.#server.protect(reply.body[name]);
    }
    return reply;
  }

  async get(path, query) {
    return this.#succeed('GET', path, await this.call('GET', path, { query }));
  }
  async post(path, body = {}) {
    return this.#succeed('POST', path, await this.call('POST', path, { body }));
  }
  #succeed(method, path, reply) {
    assert.equal(reply.status, 200, `${method} ${path}: ${reply.text}`);
    return reply.body;
  }

  // The ids of what is made here.
  async createBot(fields = {}) {
    return (await this.post('/bot/create', { name: 'Test bot', model: 'builtin/demo', ...fields })).id;
  }
  async createSkillset(abilities, fields = {}) {
    const { id } = await this.post('/skillset/create', { name: 'Test skills', ...fields });
    for (const ability of abilities) await this.post(`/skillset/${id}/ability/create`, ability);
    return id;
  }
  // {id, secret}; with a bot of its own unless `botId` is given.
  async createTrigger(fields = {}) {
    const botId = fields.botId ?? (await this.createBot());
    return await this.post('/integration/trigger/create', { name: 'Test trigger', ...fields, botId });
  }

  // Sends an event as a stranger who knows the secret. `body` is text or bytes.
  async send(trigger, { method = 'POST', query = {}, body, headers = {}, prefix = '/v1' } = {}) {
    const url = new URL(`${prefix}/integration/trigger/${trigger.id}/event`, this.#server.url);
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
    const response = await fetch(url, {
      method,
      headers: { ...(trigger.secret ? { authorization: `Bearer ${trigger.secret}` } : {}), ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  // Sends an event that must be accepted; gives its id.
  async fire(trigger, options) {
    const reply = await this.send(trigger, options);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.text, '{"ok":true}');
    const id = reply.headers.get('x-event-id');
    assert.ok(id, 'an accepted event is known by its id');
    return id;
  }

  fetchEvent(eventId, query) {
    return this.get(`/event/inbox/${eventId}/fetch`, query);
  }

  // The event, once its run has ended.
  async ended(eventId, withinMs = 30_000) {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const event = await this.fetchEvent(eventId, { wait: '30' });
      if (!pendingStates.has(event.state)) return event;
      assert.ok(Date.now() < deadline, `the run is still ${event.state}: ${JSON.stringify(event)}`);
    }
  }

  // Every item of a list, oldest first, page by page.
  async all(path, query = {}) {
    const items = [];
    for (let cursor = ''; ; ) {
      const page = await this.get(path, { ...query, order: 'asc', ...(cursor ? { cursor } : {}) });
      items.push(...page.items);
      if (!page.cursor) return items; // a page without items may be a partial one, and go on
      cursor = page.cursor;
    }
  }

  steps(runId) {
    return this.all(`/run/${runId}/step/list`);
  }
  conversationsOf(triggerId) {
    return this.all('/conversation/list', { 'meta.trigger.integrationId': triggerId });
  }
  messages(conversationId) {
    return this.all(`/conversation/${conversationId}/message/list`);
  }
}

async function textWithin(response, ms) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const timer = setTimeout(() => reader.cancel(), ms); // which ends the loop
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  clearTimeout(timer);
  return text;
}
