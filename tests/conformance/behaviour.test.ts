// How the official SDK behaves in front of our server: the numbered rows of the contract's table "SDK
// behaviour to cover by tests".
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ChatBotKit } from '@chatbotkit/sdk';

import { useServer } from '../e2e/support/server.mjs';
import { assertRefused, collect, observe, refusalOf } from './support/requests.ts';
import { standIn } from './support/stand_in.ts';
import { wrong } from './support/wrong.ts';

const used = useServer();
const sdk = (options: object = {}) => new ChatBotKit({ secret: used.server.adminToken, baseUrl: used.server.url, ...options });
const plain = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${used.server.url}${path}`, { ...init, headers: { authorization: `Bearer ${used.server.adminToken}`, ...headers } });

test('1: a wrong token is one request and NOT_AUTHENTICATED', async () => {
  for (const secret of [`sk-${'0'.repeat(64)}`, 'nonsense', '']) {
    await assertRefused('NOT_AUTHENTICATED', () => sdk({ secret }).bot.create({ name: 'x' }));
  }
});

test('2: an unknown id and an unknown route are NOT_FOUND', async () => {
  await assertRefused('NOT_FOUND', () => sdk().bot.fetch('nope'));
  await assertRefused('NOT_FOUND', () => sdk().clientFetch('/api/v1/nowhere/list'));
  const reply = await fetch(`${used.server.url}/somewhere/else`);
  assert.equal(reply.status, 404);
  assert.equal(reply.headers.get('content-type')!.split(';')[0]!.trim(), 'application/json');
});

test('3: a bad body is BAD_REQUEST and names the key', async () => {
  const { message } = await assertRefused('BAD_REQUEST', () => sdk().bot.create(wrong({ name: { first: 'x' } })));
  assert.match(message, /name/);
  for (const body of ['[]', '"text"', '7', 'null', '{"name":']) {
    const reply = await plain('/api/v1/bot/create', { 'content-type': 'application/json' }, { method: 'POST', body });
    assert.equal(reply.status, 400, body);
    assert.equal(((await reply.json()) as { code: string }).code, 'BAD_REQUEST');
  }
});

test('4: a duplicate alias is CONFLICT', async () => {
  const { id } = await sdk().bot.create({ alias: 'sales-bot' });
  await assertRefused('CONFLICT', () => sdk().bot.create({ alias: 'sales-bot' }));
  const { id: other } = await sdk().bot.create({});
  await assertRefused('CONFLICT', () => sdk().bot.update(other, { alias: 'sales-bot' }));
  await sdk().skillset.create({ alias: 'sales-bot' });
  await sdk().bot.update(id, { alias: 'sales-bot' });
});

test('5: a meta object becomes a filter', async () => {
  const { skillset } = sdk();
  const { id } = await skillset.create({ meta: { tenant: 'a', n: 1, deep: { key: 'x' }, flag: true } });
  await skillset.create({ meta: { tenant: 'b', n: 1 } });
  const { requests } = await observe(() => skillset.list({ meta: { tenant: 'a' } }));
  assert.equal(requests[0]!.query.get('meta.tenant'), 'a');
  const ids = async (meta: object) => (await skillset.list(wrong({ meta }))).items.map((item) => item.id);
  assert.deepEqual(await ids({ tenant: 'a' }), [id]);
  assert.deepEqual(await ids({ tenant: 'a', n: 1 }), [id]);
  assert.deepEqual(await ids({ 'deep.key': 'x' }), [id]);
  assert.deepEqual(await ids({ flag: true, tenant: 'a' }), [id]);
  assert.deepEqual(await ids({ tenant: 'c' }), []);
});

test('6: paging visits each item once while others come and go', async () => {
  const { skillset } = sdk();
  const meta = { paging: 'yes' };
  const create = async (name: string) => (await skillset.create({ name, meta })).id;
  const ids: string[] = [];
  for (let i = 0; i < 9; ++i) ids.push(await create(`item ${i}`));

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await skillset.list({ meta, take: 2, ...(cursor ? { cursor } : {}) });
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.cursor;
    await create('a newcomer');
    // The item that the cursor stands on is deleted.
    if (seen.length === 4) await skillset.delete(seen.at(-1)!);
  } while (cursor);

  assert.deepEqual(seen, ids.toReversed());
});

test('7: a stream crosses pages with its text intact', async () => {
  const { skillset } = sdk();
  const meta = { streamed: 'yes' };
  const name = (i: number) => `Käse ${i} \u{1F9C0} \u2028 "quoted"\n`;
  await Promise.all(Array.from({ length: 120 }, (_, i) => skillset.create({ name: name(i), meta })));
  const lines = await collect(skillset.list({ meta }).stream());
  assert.equal(lines.length, 120);
  assert.ok(lines.every((line) => line.type === 'item'));
  assert.deepEqual(lines.map((line) => line.data.name).sort(), Array.from({ length: 120 }, (_, i) => name(i)).sort());
  assert.equal((await collect(skillset.list({ meta, take: 7 }).stream())).length, 7);
  assert.deepEqual(await collect(skillset.list({ meta: { streamed: 'no' } }).stream()), []);

  const reply = await plain('/api/v1/skillset/list?meta.streamed=yes', { accept: 'application/jsonl' });
  assert.match(reply.headers.get('content-type')!, /^application\/jsonl/);
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.ok(bytes.every((byte) => byte < 0x80), 'the client decodes each chunk by itself');
  assert.doesNotMatch(bytes.toString(), /\n\n|^\n/, 'an empty line breaks the client');
});

test('8: a completion that is not built says so to who awaits it and to who streams it', async () => {
  const complete = () => sdk().conversation.complete(null, { messages: [{ type: 'user', text: 'Hi' }] });
  await assertRefused('NOT_IMPLEMENTED', complete);
  await assertRefused('NOT_IMPLEMENTED', () => complete().stream().next());
});

test('9: what the client is told to send along arrives', async () => {
  const { id } = await sdk().bot.create({});
  const { value, requests } = await observe(() => sdk({ headers: { 'x-timestamps': 'ms' }, timezone: 'Europe/Oslo' }).bot.fetch(id));
  assert.equal(typeof value.createdAt, 'number');
  assert.equal(requests[0]!.headers.get('x-timezone'), 'Europe/Oslo');
  assert.equal((await sdk({ timezone: 'Mars/Olympus' }).bot.fetch(id)).id, id);
  await assertRefused('NOT_AUTHENTICATED', () => sdk({ runAsUserId: 'user_nobody' }).bot.fetch(id));
  await assertRefused('NOT_AUTHENTICATED', () => sdk({ runAsChildUserEmail: 'a@b.example' }).bot.fetch(id));
});

test('10: a model object becomes a model string', async () => {
  const { bot } = sdk();
  const { id } = await bot.create({ model: { name: 'm', config: { temperature: 0.5 } } });
  assert.equal((await bot.fetch(id)).model, 'm/temperature=0.5');
});

test('11: unknown keys are ignored, also those of a fetched object', async () => {
  const { bot } = sdk();
  const { id } = await bot.create(wrong({ name: 'x', unknownKey: { a: 1 }, another: null }));
  const fetched = await bot.fetch(id);
  assert.deepEqual(await bot.update(id, wrong({ ...fetched, name: 'y' })), { id });
  assert.equal((await bot.fetch(id)).createdAt, fetched.createdAt);
});

describe('12: what may pass is tried four times, what is final once', { concurrency: true }, () => {
  for (const status of [429, 500, 502, 503, 504]) {
    test(`${status} from a server in between`, async (t) => {
      const broken = await standIn(t, (_, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: 'later', code: 'LATER' }));
      });
      const begun = Date.now();
      assert.equal((await refusalOf(() => sdk({ baseUrl: broken.url }).bot.create({})))?.code, 'LATER');
      assert.equal(broken.requests.length, 4);
      assert.ok(Date.now() - begun < 4_000);
    });
  }
});

// Every refusal of every row is one request too: assertRefused() counts them.
test('12: 405 is final', async () => {
  await assertRefused('METHOD_NOT_ALLOWED', () => sdk().clientFetch('/api/v1/bot/create'));
});

test('13: a path in the base URL is ignored', async () => {
  const { id } = await sdk({ baseUrl: `${used.server.url}/some/path/` }).bot.create({});
  assert.equal((await sdk().bot.fetch(id)).id, id);
});

test('14: a cached answer is the same object and one request', async () => {
  const client = sdk();
  const { id } = await client.bot.create({});
  const fetched = () => client.bot.fetch(id).cache();
  const { value, requests } = await observe(async () => [await fetched(), await fetched()]);
  assert.equal(requests.length, 1);
  assert.equal(value[0], value[1]);
});

test('15: bytes that are uploaded come back', async () => {
  const { file } = sdk();
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256);
  const { id } = await file.create({ name: 'bytes' });
  await file.upload(id, { name: 'a.bin', type: 'application/octet-stream', data: bytes.buffer });
  const { data, headers } = await file.download(id);
  assert.deepEqual(new Uint8Array(data), bytes);
  assert.match(headers.get('content-type')!, /^application\/octet-stream/);
  assert.equal(((await file.fetch(id)) as { size?: number }).size, bytes.length);
});

test('16: a stream that ends with an error line gives it as an item', async (t) => {
  const broken = await standIn(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/jsonl; charset=utf-8' });
    response.end('{"type":"item","data":{"id":"bot_1"}}\n{"type":"nop","data":{}}\n{"type":"error","data":{"message":"later","code":"LATER"}}\n');
  });
  const lines = (await collect(sdk({ baseUrl: broken.url }).bot.list().stream())) as { type: string }[];
  assert.deepEqual(lines.map((line) => line.type), ['item', 'nop', 'error']);
});

test('17: the client reads JSON behind blanks, and only what says that it is JSON', async (t) => {
  const odd = await standIn(t, (request, response) => {
    response.writeHead(200, { 'content-type': request.url!.includes('blank') ? 'Application/JSON; charset=utf-8' : 'text/plain' });
    response.end(' \n\n {"id":"x"}');
  });
  const { bot } = sdk({ baseUrl: odd.url });
  assert.deepEqual(await bot.fetch('blank'), { id: 'x' });
  assert.deepEqual(Object.keys(await bot.fetch('text')).sort(), ['data', 'headers']);
});

test('17: so every answer is application/json', async () => {
  const { id } = await sdk().bot.create({});
  const answers: [string, string, Record<string, string>, number][] = [
    ['GET', `/bot/${id}/fetch`, {}, 200],
    ['GET', '/bot/list', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 200],
    ['GET', '/bot/nope/fetch', {}, 404],
    ['GET', '/bot/create', {}, 405],
    ['GET', '/bot/list', { accept: 'image/png' }, 400],
    ['GET', '/bot/list', { authorization: '' }, 401],
    ['POST', '/conversation/complete', {}, 501],
  ];
  for (const [method, path, headers, status] of answers) {
    const reply = await plain(`/api/v1${path}`, { origin: 'https://shop.example', ...headers }, { method });
    assert.equal(reply.status, status, `${method} ${path}: ${await reply.text()}`);
    assert.equal(reply.headers.get('content-type')!.split(';')[0]!.trim().toLowerCase(), 'application/json');
    assert.equal(reply.headers.get('etag'), null);
    assert.equal(reply.headers.get('last-modified'), null);
    assert.equal(reply.headers.get('access-control-allow-origin'), '*', 'also for browsers');
    assert.match(reply.headers.get('access-control-expose-headers')!, /x-event-id/);
  }
});

test('18: aliases arrive as they are, names percent-encoded', async () => {
  const { bot } = sdk();
  const { id } = await bot.create({ name: 'My Bot', alias: 'my-alias' });
  const byAlias = await observe(() => bot.fetch('@my-alias'));
  assert.equal(byAlias.value.id, id);
  assert.equal(byAlias.requests[0]!.path, '/bot/@my-alias/fetch');
  await assertRefused('NOT_FOUND', () => bot.fetch('@nobody'));
  const byName = await observe(() => refusalOf(() => bot.fetch('(Nobody of This Name)')));
  assert.equal(byName.value?.code, 'NOT_FOUND');
  assert.equal(byName.requests[0]!.path, '/bot/(Nobody%20of%20This%20Name)/fetch');
  const { id: triggerId } = await sdk().integration.trigger.create({ botId: '@my-alias' });
  assert.equal((await sdk().integration.trigger.fetch(triggerId)).botId, id, 'the real id is kept and returned');
});

test('19: the client follows a redirect within the server, with its token', async (t) => {
  const moved = await standIn(t, (request, response) => {
    const isMoved = request.url === '/api/v1/bot/x/fetch';
    response.writeHead(isMoved ? 307 : 200, isMoved ? { location: '/elsewhere' } : { 'content-type': 'application/json' });
    response.end('{"id":"x"}');
  });
  assert.deepEqual(await sdk({ baseUrl: moved.url }).bot.fetch('x'), { id: 'x' });
  assert.equal(moved.requests[1]?.headers.authorization, `Bearer ${used.server.adminToken}`);
});

test('19: nothing of ours is answered with a redirect', async () => {
  for (const path of ['/api/v1/bot/list/', '/v1/bot/list', '/api/v1/bot/list?take=1']) {
    const reply = await plain(path, {}, { redirect: 'manual' });
    assert.equal(reply.status, 200, path);
  }
});

test('a successful call is one request', async () => {
  const { requests } = await observe(() => sdk().bot.create({ name: 'once' }));
  assert.equal(requests.length, 1);
});
