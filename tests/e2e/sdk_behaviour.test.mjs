// How the official SDK behaves in front of our server: the numbered rows of the contract's table "SDK
// behaviour to cover by tests" that apply to what is delivered.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { collect, countRequests, refusedWith, sdkFor } from './support/sdk.mjs';
import { useServer } from './support/server.mjs';

const stage = useServer();
const sdk = (options) => sdkFor(stage.server, options);

test('1: a wrong token is one request and NOT_AUTHENTICATED', async () => {
  for (const secret of [`sk-${'0'.repeat(64)}`, 'nonsense', '']) {
    assert.equal(await refusedWith('NOT_AUTHENTICATED', () => sdk({ secret }).bot.create({ name: 'x' })), 1);
  }
});

test('2: an unknown id and an unknown route are NOT_FOUND', async () => {
  assert.equal(await refusedWith('NOT_FOUND', () => sdk().bot.fetch('nope')), 1);
  assert.equal(await refusedWith('NOT_FOUND', () => sdk().clientFetch('/api/v1/nowhere/list')), 1);
  const reply = await fetch(`${stage.server.url}/somewhere/else`);
  assert.equal(reply.status, 404);
  assert.equal(reply.headers.get('content-type').split(';')[0].trim(), 'application/json');
});

test('3: a bad body is BAD_REQUEST and names the key', async () => {
  await assert.rejects(async () => await sdk().bot.create({ name: { first: 'x' } }), (error) => {
    assert.equal(error.code, 'BAD_REQUEST');
    assert.match(error.message, /name/);
    return true;
  });
  for (const body of ['[]', '"text"', '7', 'null', '{"name":']) {
    const reply = await fetch(`${stage.server.url}/api/v1/bot/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.server.adminToken}`, 'content-type': 'application/json' },
      body,
    });
    assert.equal(reply.status, 400, body);
    assert.equal((await reply.json()).code, 'BAD_REQUEST');
  }
});

test('4: a duplicate alias is CONFLICT', async () => {
  const { id } = await sdk().bot.create({ alias: 'sales-bot' });
  assert.equal(await refusedWith('CONFLICT', () => sdk().bot.create({ alias: 'sales-bot' })), 1);
  const { id: other } = await sdk().bot.create({});
  assert.equal(await refusedWith('CONFLICT', () => sdk().bot.update(other, { alias: 'sales-bot' })), 1);
  await sdk().skillset.create({ alias: 'sales-bot' });
  await sdk().bot.update(id, { alias: 'sales-bot' });
});

test('5: a meta object becomes a filter', async () => {
  const { skillset } = sdk();
  const { id } = await skillset.create({ meta: { tenant: 'a', n: 1, deep: { key: 'x' }, flag: true } });
  await skillset.create({ meta: { tenant: 'b', n: 1 } });
  const ids = async (meta) => (await skillset.list({ meta })).items.map((item) => item.id);
  assert.deepEqual(await ids({ tenant: 'a' }), [id]);
  assert.deepEqual(await ids({ tenant: 'a', n: 1 }), [id]);
  assert.deepEqual(await ids({ 'deep.key': 'x' }), [id]);
  assert.deepEqual(await ids({ flag: true, tenant: 'a' }), [id]);
  assert.deepEqual(await ids({ tenant: 'c' }), []);
});

test('6: paging visits each item once while others come and go', async () => {
  const { skillset } = sdk();
  const meta = { paging: 'yes' };
  const create = async (name) => (await skillset.create({ name, meta })).id;
  const ids = [];
  for (let i = 0; i < 9; ++i) ids.push(await create(`item ${i}`));

  const seen = [];
  let cursor;
  do {
    const page = await skillset.list({ meta, take: 2, cursor });
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.cursor;
    await create('a newcomer');
    // The item that the cursor stands on is deleted.
    if (seen.length === 4) await skillset.delete(seen.at(-1));
  } while (cursor);

  assert.deepEqual(seen, ids.toReversed());
  assert.equal(await refusedWith('BAD_REQUEST', () => skillset.list({ cursor: 'not-a-cursor' })), 1);
});

test('7: a stream crosses pages with its text intact', async () => {
  const { skillset } = sdk();
  const meta = { streamed: 'yes' };
  const name = (i) => `Käse ${i} \u{1F9C0} \u2028 "quoted"\n`;
  await Promise.all(Array.from({ length: 120 }, (_, i) => skillset.create({ name: name(i), meta })));
  const lines = await collect(skillset.list({ meta }).stream());
  assert.equal(lines.length, 120);
  assert.ok(lines.every((line) => line.type === 'item'));
  assert.deepEqual(lines.map((line) => line.data.name).sort(), Array.from({ length: 120 }, (_, i) => name(i)).sort());
  assert.equal((await collect(skillset.list({ meta, take: 7 }).stream())).length, 7);
  assert.deepEqual(await collect(skillset.list({ meta: { streamed: 'no' } }).stream()), []);

  const reply = await fetch(`${stage.server.url}/api/v1/skillset/list?meta.streamed=yes`, {
    headers: { authorization: `Bearer ${stage.server.adminToken}`, accept: 'application/jsonl' },
  });
  assert.match(reply.headers.get('content-type'), /^application\/jsonl/);
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.ok(bytes.every((byte) => byte < 0x80), 'the client decodes each chunk by itself');
  assert.doesNotMatch(bytes.toString(), /\n\n|^\n/, 'an empty line breaks the client');
});

test('9: what the client is told to send along arrives', async () => {
  const { id } = await sdk().bot.create({});
  assert.equal(typeof (await sdk({ headers: { 'x-timestamps': 'ms' } }).bot.fetch(id)).createdAt, 'number');
  assert.equal((await sdk({ timezone: 'Europe/Oslo' }).bot.fetch(id)).id, id);
  assert.equal((await sdk({ timezone: 'Mars/Olympus' }).bot.fetch(id)).id, id);
  assert.equal(await refusedWith('NOT_AUTHENTICATED', () => sdk({ runAsUserId: 'user_nobody' }).bot.fetch(id)), 1);
  assert.equal(await refusedWith('NOT_AUTHENTICATED', () => sdk({ runAsChildUserEmail: 'a@b.example' }).bot.fetch(id)), 1);
});

test('10: a model object becomes a model string', async () => {
  const { bot } = sdk();
  const { id } = await bot.create({ model: { name: 'm', config: { temperature: 0.5 } } });
  assert.equal((await bot.fetch(id)).model, 'm/temperature=0.5');
});

test('11: unknown keys are ignored, also those of a fetched object', async () => {
  const { bot } = sdk();
  const { id } = await bot.create({ name: 'x', unknownKey: { a: 1 }, another: null });
  const fetched = await bot.fetch(id);
  assert.deepEqual(await bot.update(id, { ...fetched, name: 'y' }), { id });
  assert.equal((await bot.fetch(id)).createdAt, fetched.createdAt);
});

test('12: what may pass is tried four times, what is final once', async (t) => {
  for (const status of [429, 500, 502, 503, 504]) {
    await t.test(`${status} from a server in between`, async (t) => {
      const broken = http.createServer((request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: 'later', code: 'LATER' }));
      });
      await new Promise((resolve) => broken.listen(0, '127.0.0.1', resolve));
      t.after(() => broken.close());
      const begun = Date.now();
      const { port } = broken.address();
      assert.equal(await refusedWith('LATER', () => sdk({ baseUrl: `http://127.0.0.1:${port}` }).bot.create({})), 4);
      assert.ok(Date.now() - begun < 4_000);
    });
  }
  // Every status of ours that is final is checked with its count by the rows above and in sdk.test.mjs.
  assert.equal(await refusedWith('METHOD_NOT_ALLOWED', () => sdk().clientFetch('/api/v1/bot/create')), 1);
});

test('13: a path in the base URL is ignored', async () => {
  const { id } = await sdk({ baseUrl: `${stage.server.url}/some/path/` }).bot.create({});
  assert.equal((await sdk().bot.fetch(id)).id, id);
});

test('17: every answer is application/json, so that the client reads it', async () => {
  const { id } = await sdk().bot.create({});
  const answers = [
    ['GET', `/bot/${id}/fetch`, {}, 200],
    ['GET', '/bot/list', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 200],
    ['GET', '/bot/nope/fetch', {}, 404],
    ['GET', '/bot/create', {}, 405],
    ['GET', '/bot/list', { accept: 'image/png' }, 400],
    ['GET', '/bot/list', { authorization: '' }, 401],
    ['POST', '/conversation/complete', {}, 501],
  ];
  for (const [method, path, headers, status] of answers) {
    const reply = await stage.api.call(method, path, { headers: { origin: 'https://shop.example', ...headers } });
    assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
    assert.equal(reply.headers.get('content-type').split(';')[0].trim().toLowerCase(), 'application/json');
    assert.equal(reply.headers.get('etag'), null);
    assert.equal(reply.headers.get('last-modified'), null);
    assert.equal(reply.headers.get('access-control-allow-origin'), '*', 'also for browsers');
    assert.match(reply.headers.get('access-control-expose-headers'), /x-event-id/);
  }
});

test('18: aliases arrive as they are, names percent-encoded', async () => {
  const { bot } = sdk();
  const { id } = await bot.create({ name: 'My Bot', alias: 'my-alias' });
  assert.equal((await bot.fetch('@my-alias')).id, id);
  assert.equal(await refusedWith('NOT_FOUND', () => bot.fetch('@nobody')), 1);
  assert.equal(await refusedWith('NOT_FOUND', () => bot.fetch('(Nobody of This Name)')), 1);
  const { id: triggerId } = await sdk().integration.trigger.create({ botId: '@my-alias' });
  assert.equal((await sdk().integration.trigger.fetch(triggerId)).botId, id, 'the real id is kept and returned');
});

test('a successful call is one request', async () => {
  const requests = countRequests();
  await sdk().bot.create({ name: 'once' });
  assert.equal(requests.stop(), 1);
});
