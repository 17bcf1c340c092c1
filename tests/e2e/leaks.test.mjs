// Secrets of each kind are planted and used, with peers that give back what they were sent; then every
// byte that the server wrote is searched for them: files, write-ahead log, log, figures, replies, what the model was shown.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { makeCaller } from './support/caller.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeldModel, success } from './support/held_model.mjs';
import { spellings, startMirror } from './support/mirror.mjs';
import { startPostgres } from './support/postgres.mjs';
import { Server, temporaryFolder } from './support/server.mjs';
import { startSmtp } from './support/smtp.mjs';

// Nothing else holds it, and no spelling of it is like another's: with what each language has to escape.
const planted = (what) => `${what}/${randomBytes(12).toString('hex')}+"&<?>`;
const simple = (what) => `${what}-${randomBytes(12).toString('hex')}`;

const secrets = {
  plain: planted('plain'), url: simple('path'), bearer: simple('bearer'), user: simple('user'), basic: planted('basic'), personal: planted('personal'), signing: `whsec_${randomBytes(24).toString('base64')}`,
  smtp: simple('smtp'), wrongSmtp: simple('wrong-smtp'), postgres: simple('postgres'), wrongPostgres: simple('wrong-postgres'), mcp: simple('mcp'),
  key: generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey,
};
const canary = 'the canary/that may be read+"&<?>';

const fetchWith = (mirror, lines) => ['```fetch', ...lines.map((line) => line.replaceAll('MIRROR', mirror.url)), '```'].join('\n');

// Each ability with the secret that it is linked to; `$[way!]` is how the mirror is to answer.
const uses = [
  ['plain', ['POST MIRROR/$[way!]', 'X-Key: ${SECRET_DEFAULT}', '', '{"key": "${SECRET_DEFAULT}"}']],
  ['plain', ['method: PUT', 'url: MIRROR', 'path: $[way!]', 'query: { key: "${SECRET_DEFAULT}" }', 'body: { deep: [{ key: "${SECRET_DEFAULT}" }] }']],
  ['plain', ['url: MIRROR/$[way!]', 'headers: { X-One: "a ${SECRET_DEFAULT} b", Authorization: "Token ${SECRET_DEFAULT}" }', 'jmespath: said']],
  ['bearer', ['GET MIRROR/$[way!]', 'Authorization: ${SECRET_DEFAULT}']],
  ['basic', ['url: MIRROR/$[way!]', 'authorization: ${SECRET_DEFAULT}']],
  ['key', ['url: MIRROR/$[way!]', 'authorization: ${SECRET_DEFAULT}']],
  ['personal', ['POST MIRROR/$[way!]', 'X-Key: ${SECRET_DEFAULT}', '', 'key=${SECRET_DEFAULT}']],
];
const ways = ['200', '200/text', '200/html', '302', '307/text', '401', '404/html', '500', '503/text', 'cut'];
const mcpWays = ['200', '200/text', '401', '404/text', '500', 'cut'];
const contact = { query: { 'contact.email': 'ann@example.com', 'contact.name': 'Ann' } };

describe('secrets in what the server writes', () => {
  const stops = [];
  let mirror;
  let server;
  let data;
  let model;
  let api;
  const replies = [];

  before(async () => {
    const folder = await temporaryFolder();
    stops.unshift(() => folder.remove());
    data = path.join(folder.path, 'data');
    mirror = await startMirror();
    stops.unshift(() => mirror.stop());
    const relay = await startSmtp({ after: (stop) => stops.unshift(stop) }, { login: { user: 'shop', password: secrets.smtp, methods: ['PLAIN'] } });
    model = await startHeldModel();
    stops.unshift(() => model.stop());
    const postgres = await startPostgres();
    stops.unshift(() => postgres.stop());
    await postgres.run(`create role reader login password '${secrets.postgres}'`);
    server = await Server.start({
      data, args: ['--log-level', 'debug'],
      env: { ...model.environment, BELLPULL_EGRESS_ALLOW: mirror.host, BELLPULL_DATABASE_CRM_PASSWORD: secrets.postgres, BELLPULL_DATABASE_WRONG_PASSWORD: secrets.wrongPostgres, BELLPULL_MAIL_PASSWORD: secrets.smtp, MCP_TOKEN: secrets.mcp },
      config: [
        '[database.crm]', `postgresql = "${postgres.uri('reader')}"`, '[database.wrong]', `postgresql = "${postgres.uri('reader')}"`,
        '[mail]', `relay = "${relay.url}"`, 'from = "Shop <shop@example.com>"', 'user = "shop"', 'starttls = "never"',
        ...mcpWays.flatMap((way, i) => [`[mcp.tools${i}]`, `url = "${mirror.url}/${way}"`, 'headers = { Authorization = "Bearer ${MCP_TOKEN}" }']),
      ].join('\n'),
    });
    stops.unshift(() => server.stop());
    api = server.api();
    await useAll(relay);
  });
  after(async () => {
    for (const stop of stops) await stop();
  });

  async function plant() {
    const hosts = { config: { hosts: [mirror.host] } };
    const make = async (name, fields) => [name, (await api.post('/secret/create', { name, ...hosts, ...fields })).id];
    const ids = Object.fromEntries([
      await make('plain', { value: secrets.plain }), await make('bearer', { type: 'bearer', value: secrets.bearer }), await make('basic', { type: 'basic', value: `${secrets.user}:${secrets.basic}` }),
      await make('key', { type: 'jwt', value: secrets.key, config: { ...hosts.config, issuer: 'shop' } }), await make('personal', { kind: 'personal' }),
      await make('signing', { value: secrets.signing }), await make('url', { value: `${mirror.url}/404/text/${secrets.url}` }),
    ]);
    const { id: contactId } = await api.post('/contact/create', { email: 'ann@example.com', name: 'Ann' });
    await api.post(`/contact/${contactId}/secret/${ids.personal}/update`, { value: secrets.personal });
    return { ids, contactId };
  }

  // Every action with every secret, well and badly.
  async function useAll(relay) {
    const { ids, contactId } = await plant();
    const abilities = uses.map(([secret, lines]) => ({ secretId: ids[secret], instruction: fetchWith(mirror, lines) }));
    for (const ability of abilities) {
      const call = await makeCaller(api, ability, ['way']);
      await Promise.all(ways.map((way) => call({ way }, { query: { ...contact.query, session: `${ability.secretId} ${way}` } })));
    }
    for (const ability of [
      { secretId: ids.signing, instruction: `\`\`\`notify\nurl: ${mirror.url}/500/text\nsecret: \${SECRET_DEFAULT}\ntext: Hello\n\`\`\`` },
      { secretId: ids.url, instruction: '```notify\nurl: ${SECRET_DEFAULT}\ntext: Hello\n```' },
      { secretId: ids.url, instruction: '```fetch\nurl: ${SECRET_DEFAULT}\n```' },
      { instruction: '```email\nto: bob@example.com\nsubject: s\ncontent: c\n```' },
      { instruction: '```sql\ndatabase: crm\nstatement: select current_user\n```' }, { instruction: '```sql\ndatabase: crm\nstatement: select * from none\n```' }, { instruction: '```sql\ndatabase: wrong\nstatement: select 1\n```' },
      ...mcpWays.map((_, i) => ({ instruction: `\`\`\`mcp\nserver: tools${i}\ntool: find\n\`\`\`` })),
      // What can't be used, and what may not stand there.
      { secretId: ids.plain, instruction: '```fetch\nurl: https://elsewhere.example/\nheaders: { X: "${SECRET_DEFAULT}" }\n```' }, { secretId: ids.plain, instruction: '```echo\n${SECRET_DEFAULT}\n```' },
      { secretId: ids.key, instruction: '```email\nto: bob@example.com\nsubject: s\ncontent: ${SECRET_DEFAULT}\n```' }, { secretId: ids.plain, instruction: '```fetch\nurl: http://${SECRET_DEFAULT}/\n```' },
    ]) await (await makeCaller(api, ability, []))({}, contact);
    await relay.told('mail');
    assertAllWereSent();
    await showModel(abilities);
    await api.createBot({ name: 'Canary', description: spellings(canary).join('\n') });
    // Calls of the API that are refused, and those that say all that there is.
    for (const [name, id] of Object.entries(ids)) {
      const bad = await api.call('POST', `/secret/${id}/update`, { body: { value: `${secrets[name] ?? secrets.basic}\n\u0000`, type: 'bearer', kind: 'nonsense' } });
      replies.push(bad.text);
    }
    await readAll(ids, contactId);
  }

  // What was never sent could not come back.
  function assertAllWereSent() {
    assert.ok(mirror.requests.length > uses.length * ways.length);
    const sent = JSON.stringify(mirror.requests.map(({ path, headers }) => [path, headers]));
    const credentials = Buffer.from(`${secrets.user}:${secrets.basic}`).toString('base64');
    for (const text of [secrets.plain, `Bearer ${secrets.bearer}`, `Basic ${credentials}`, secrets.personal, secrets.url, `Bearer ${secrets.mcp}`, 'Bearer eyJ', 'webhook-signature']) {
      assert.ok(sent.includes(JSON.stringify(text).slice(1, -1)), text);
    }
  }

  // A model gets the results to read; what it is sent is searched, too.
  async function showModel(abilities) {
    const skillsetId = await api.createSkillset(abilities.map((ability, i) => ({ name: `act_${i}`, ...ability })));
    const trigger = await api.createTrigger({ botId: await api.createBot({ model: 'held', skillsetId }) });
    const sent = await api.fire(trigger, { body: 'x', ...contact });
    (await model.next()).answer({ calls: abilities.map((_, i) => [`act_${i}`, { way: '404' }]) });
    const request = await model.next();
    assert.match(JSON.stringify(request.body), /the mirror says/);
    request.answer(success);
    assert.equal((await api.ended(sent)).state, 'succeeded');
    replies.push(...model.requests.map((one) => JSON.stringify(one.body)));
  }

  async function readAll(ids, contactId) {
    const read = async (place, options) => {
      const reply = await api.call('GET', place, options);
      replies.push(reply.text, JSON.stringify([...reply.headers]));
      return reply.status === 200 ? reply.body : undefined;
    };
    for (const list of ['bot', 'skillset', 'secret', 'contact', 'conversation', 'integration/trigger', 'event/inbox', 'event/log', 'run', 'dataset', 'file', 'blueprint', 'task', 'job', 'usage', 'account', 'token', 'event/rejection']) {
      for (let query = {}; query; ) {
        const page = await read(`/${list}/list`, { query: { ...query, take: '100' } });
        query = page?.cursor ? { cursor: page.cursor } : undefined;
        for (const { id } of page?.items ?? []) {
          await read(`/${list}/${id}/fetch`);
          if (list === 'conversation') await read(`/conversation/${id}/message/list`, { query: { take: '100' } });
          if (list === 'run') await read(`/run/${id}/step/list`, { query: { take: '100' } });
          if (list === 'skillset') await read(`/skillset/${id}/ability/list`);
          if (list === 'event/inbox') await read(`/event/inbox/${id}/fetch`);
        }
      }
      for (const accept of ['application/json', 'text/csv', 'application/jsonl']) await read(`/${list}/export`, { headers: { accept } });
    }
    await read(`/contact/${contactId}/secret/list`);
    for (const id of Object.values(ids)) replies.push((await api.call('POST', `/secret/${id}/verify`)).text);
    const { id: blueprintId } = await api.post('/blueprint/create', { name: 'All' });
    for (const id of Object.values(ids)) await api.post(`/secret/${id}/update`, { blueprintId });
    for (const accept of ['application/json', 'application/terraform+hcl']) await read(`/blueprint/${blueprintId}/resource/export`, { headers: { accept } });
    replies.push((await api.call('POST', `/blueprint/${blueprintId}/clone`, { body: {} })).text);
    replies.push(await (await fetch(new URL('/metrics', server.url))).text());
    replies.push((await api.call('POST', '/event/log/subscribe', { body: { historyLength: 10_000 }, untilMs: 500 })).text);
  }

  async function files() {
    const found = [];
    for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.push([entry.name, await readFile(path.join(entry.parentPath, entry.name))]);
    }
    return found;
  }

  // The secrets, and what was made of them: lines of the key, its bytes, the tokens that it signed.
  function needles() {
    const lines = secrets.key.trim().split('\n').slice(1, -1);
    const tokens = mirror.requests.map((one) => /^Bearer (eyJ.*)$/.exec(one.headers.authorization ?? '')?.[1]).filter(Boolean);
    assert.ok(tokens.length > 0);
    const { key, signing, ...others } = secrets;
    const texts = [...Object.values(others), signing, signing.slice('whsec_'.length), ...lines.slice(1, -1), ...tokens, ...tokens.map((one) => one.split('.')[2])];
    const bytes = [Buffer.from(lines.join(''), 'base64').subarray(32, 96), Buffer.from(signing.slice('whsec_'.length), 'base64')];
    assert.ok(key.includes(lines[1]));
    return [...texts.flatMap((text) => spellings(text).map((spelling) => [text.slice(0, 12), Buffer.from(spelling)])), ...bytes.flatMap((one) => [['bytes', one], ['bytes', Buffer.from(one.toString('hex'))]])];
  }

  function assertNowhere(places) {
    const found = [];
    for (const [what, needle] of needles()) {
      for (const [place, bytes] of places) {
        const at = bytes.indexOf(needle);
        if (at >= 0) found.push(`${what}... as ${needle.toString('latin1').slice(0, 30)} in ${place}: ...${bytes.subarray(Math.max(0, at - 160), at).toString('latin1')}`);
      }
    }
    assert.ok(found.length === 0, `${found.length} found:\n${found.slice(0, 8).join('\n')}`);
  }

  test('no secret is in a reply, in the figures, or in what a model is shown', () => {
    assert.ok(replies.some((one) => one.includes('[redacted]')));
    assertNowhere(replies.map((one, i) => [`reply ${i}`, Buffer.from(one)]));
  });

  test('nor in the log', () => assertNowhere([['log', Buffer.from(server.log)], ['output', Buffer.from(server.stdout)]]));

  test('nor in a file, write-ahead log and index included, while it runs and after it was killed', async () => {
    const whileItRuns = await eventually('the write-ahead log is there', async () => {
      const all = await files();
      return all.some(([name, bytes]) => name.endsWith('-wal') && bytes.length > 0) && all;
    });
    assertNowhere(whileItRuns);
    const everything = Buffer.concat(whileItRuns.map(([, bytes]) => bytes));
    for (const text of ['the mirror says', '[redacted]']) assert.ok(everything.includes(text), 'what the mirror said is in the files, as text');
    server.signal('SIGKILL');
    await server.ended();
    assertNowhere(await files());
    for (const spelling of spellings(canary)) {
      const escaped = [spelling, JSON.stringify(spelling).slice(1, -1)];
      assert.ok(escaped.some((one) => everything.includes(one)), `the search would find ${spelling}`);
    }
  });
});
