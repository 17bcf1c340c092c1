// The egress guard from outside: every door through which an account user can name a place on the
// network, and every spelling of a place that is not public. A sink that is at every address there is
// counts who came, so that a refusal is not only said.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { forEach, makeCaller } from './support/caller.mjs';
import { eventually } from './support/eventually.mjs';
import { startNameServer } from './support/name_server.mjs';
import { startOpenSink } from './support/open_sink.mjs';
import { enterOwnNetwork, hasIpv6 } from './support/own_network.mjs';
import { Server } from './support/server.mjs';
import { startSmtp } from './support/smtp.mjs';

await enterOwnNetwork({ hosts: ['127.0.0.1 localhost.localdomain', '10.0.0.5 printer.example.com'] });

const publicV4 = '93.184.216.34';
const publicV6 = '2606:2800:220:1:248:1893:25c8:1946';

// One of each range that is no place for a bot, and its first and last where those are easily missed.
const forbiddenAddresses = [
  '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254',
  '169.254.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.0.1',
  '192.168.255.255', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255',
  '240.0.0.1', '255.255.255.255',
  '::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:0:7f00:1',
  '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::7f00:1', '100::1', '2001:2::1', '2001:10::1', '2001:20::1', '2001:db8::1',
  '2002:7f00:1::', '2002:a00:1::1', '2002:a9fe:a9fe::1', '3fff::1', '4000::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'febf::1',
  'fec0::1', 'ff02::1', 'ff0e::1',
  '2001:0:4136:e378:8000:63bf:80ff:fffe', // Teredo, of a client at 127.0.0.1
  '2001:0:7f00:1:8000:63bf:a247:27dd', //    and by a server there
];
const openAddresses = [
  publicV4, '1.1.1.1', '9.255.255.255', '11.0.0.1', '100.63.255.255', '100.128.0.1', '126.255.255.255', '128.0.0.1', '169.253.255.255',
  '169.255.0.1', '172.15.255.255', '172.32.0.1', '192.167.255.255', '192.169.0.1', '198.17.255.255', '198.20.0.1', '223.255.255.255',
  ...(hasIpv6() ? [publicV6, '64:ff9b::5db8:d822', '2002:5db8:d822::1'] : []),
];
const inUrl = (address) => (net.isIP(address) === 6 ? `[${address}]` : address);

// Hosts that are 127.0.0.1, or would be for a careless reader.
const forbiddenHosts = [
  '127.1', '127.0.1', '0x7f000001', '0x7F.1', '0x7f.0x0.0x0.0x1', '017700000001', '0177.0.0.1', '2130706433', '0', '0x0', '127.0.0.1.',
  '[::ffff:7f00:1]', '[0:0:0:0:0:0:0:1]', '[::127.0.0.1]', '[64:ff9b::127.0.0.1]',
  'localhost', 'LocalHost', 'localhost.', 'a.localhost', 'deep.a.localhost.', 'localhost.localdomain', 'printer.example.com', 'printer.example.com.',
  'wiki.internal', 'WIKI.internal.', 'metadata.google.internal', 'alias.example.com',
];
const namedPrivately = { 'wiki.internal': ['10.20.30.40'], 'metadata.google.internal': ['169.254.169.254'], 'alias.example.com': ['::ffff:127.0.0.1'] };

// What two readers of a URL may take for different places, and what is none that may be called.
const trickyUrls = [
  'http://user@127.0.0.1:8080/', 'http://public.example.com@127.0.0.1:8080/', 'http://public.example.com:80@127.0.0.1:8080/',
  'http://127.0.0.1:8080@public.example.com:8080/', 'http://127.0.0.1:8080\\@public.example.com:8080/', 'http://public.example.com\\@127.0.0.1:8080/',
  'http://127.0.0.1:8080\\.public.example.com:8080/', 'http://127。0。0。1:8080/', 'http://１２７.０.０.１:8080/', 'http://127.0.0.①:8080/', 'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:8080/',
  'http://127%2e0%2e0%2e1:8080/', 'http://%31%32%37.0.0.1:8080/', 'http://localhost%00.example.com:8080/', 'http://local%68ost:8080/',
  'http://public.example.com:8080:80/', 'http://127.0.0.1:80:8080/', 'http://[::1]:8080:80/', 'http://[::1].example.com:8080/', 'http://[::1/',
  'http://[fe80::1%25lo]:8080/', 'http://[fe80::1%lo]:8080/', 'http://[127.0.0.1]:8080/', 'http://127.0.0.1:0/', 'http://127.0.0.1:65536/',
  'http://127.0.0.1:+8080/', 'http://256.256.256.256:8080/', 'http://127.0.0.1.1:8080/', 'http://0x7f000001.0x:8080/', 'http://4294967296:8080/',
  'http:///127.0.0.1:8080/', 'http://:8080/', 'http:127.0.0.1:8080/', 'http:/127.0.0.1:8080/', '//127.0.0.1:8080/', '127.0.0.1:8080/', 'HTTP:\\\\127.0.0.1:8080\\',
  'file:///etc/passwd', 'file://127.0.0.1/etc/passwd', 'gopher://127.0.0.1:8080/_GET', 'dict://127.0.0.1:8080/x', 'ftp://127.0.0.1:8080/', 'ws://127.0.0.1:8080/',
  'ldap://127.0.0.1:8080/', 'unix:///var/run/docker.sock', 'http+unix://%2Fvar%2Frun%2Fdocker.sock/', 'jar:http://127.0.0.1:8080/!/', 'smtp://127.0.0.1:8080/',
  'http://public.example.com:8080/\r\nHost: 127.0.0.1', 'http://127.0.0.1:8080\t/', 'http://127.0.0.1 :8080/', 'http://pub\nlic.example.com:8080/',
];
// Low ports of public hosts: mail, shells, name servers.
const forbiddenPorts = [1, 22, 23, 25, 53, 110, 139, 445, 587, 993, 1023];

const assertNone = (wrong) => assert.ok(wrong.length === 0, [`${wrong.length} rows are wrong:`, ...wrong.slice(0, 12)].join('\n  '));
const byGuard = /Refused by the egress guard/;
const asUrl = /URL|neither a URL|must start with|not a known host|must be a|^file: file must be/;

const ports = [80, 443, 3128, 5432, 8080, 9000, 9001, 9100, 9200, ...forbiddenPorts.filter((port) => port !== 53)];

describe('the egress guard', () => {
  const stops = [];
  let names;
  let sink;
  let server;
  let api;
  let doors;

  before(async () => {
    names = await startNameServer();
    stops.unshift(() => names.stop());
    sink = await startOpenSink(ports);
    stops.unshift(() => sink.stop());
    const relay = await startSmtp({ after: (stop) => stops.unshift(stop) });
    for (const [name, answer] of Object.entries(namedPrivately)) names.know(name, answer);
    names.know('public.example.com', [publicV4]);
    server = await Server.start({
      config: [
        '[retry]', 'attempts = 1',
        '[mail]', `relay = "${relay.url}"`, 'from = "Shop <shop@example.com>"',
        '[database.crm]', 'postgresql = "host=127.0.0.1 port=5432 user=reader dbname=crm sslmode=disable"',
        '[mcp.tools]', 'url = "http://127.0.0.1:9200/mcp"',
      ].join('\n'),
      env: {
        OPENAI_BASE_URL: 'http://127.0.0.1:9100/v1', OPENAI_API_KEY: 'sk-egress-key-0123456789abcdef',
        // Nobody's word but the configuration's.
        ...Object.fromEntries(['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].map((name) => [name, 'http://127.0.0.1:3128'])),
      },
    });
    stops.unshift(() => server.stop());
    api = server.api();
    doors = await makeDoors(api);
    Object.assign(doors, await makeRedirects(api));
    server.relay = relay;
    sink.taken();
  });
  after(async () => {
    for (const stop of stops) await stop();
  });

  // Each door as a function of a URL that gives the error, or nothing when the call went through. To
  // add one: a line here.
  async function makeDoors(api) {
    const calling = async (instruction) => {
      const call = await makeCaller(api, { instruction }, ['url']);
      return async (url) => (await call({ url })).result.error;
    };
    const { id: fileId } = await api.post('/file/create', { name: 'far.txt' });
    const upload = async (url) => {
      const reply = await api.call('POST', `/file/${fileId}/upload`, { body: { file: url } });
      return reply.status === 200 ? undefined : reply.text;
    };
    return {
      'fetch, url': await calling('```fetch\nurl: $[url!|where]\n```'),
      'fetch, message': await calling('```fetch\nPOST $[url!|where]\nContent-Type: text/plain\n\nx\n```'),
      'fetch, structured': await calling('!fetch\nmethod: PUT\nurl: !string { name: url, description: where }\nbody: x'),
      'fetch, template': await calling('@fetch/request'),
      'notify': await calling('```notify\nurl: $[url!|where]\ntext: Hello\n```'),
      'notify, slack': await calling('```notify/format=slack\nurl: $[url!|where]\ntext: Hello\n```'),
      'file upload': upload,
    };
  }

  // Places that a public host sends to.
  async function makeRedirects(api) {
    const call = await makeCaller(api, { instruction: '```fetch\nurl: http://public.example.com:8080/$[status!]/to/$[url! euc]\n```' }, ['status', 'url']);
    return Object.fromEntries(['301', '302', '303', '307', '308'].map((status) =>
      [`a redirect, ${status}`, async (url) => (await call({ status, url })).result.error]));
  }

  const isRedirect = (door) => door.startsWith('a redirect');
  const hop = new RegExp(`^${publicV4}:8080 /\\d{3}/to/`);

  // Every door must give an error that matches, for every URL, and nobody may have come.
  async function assertRefused(urls, why, through = Object.keys(doors)) {
    const wrong = [];
    for (const door of through) {
      await forEach(urls, async (url) => {
        const error = await doors[door](url);
        if (!error || !why.test(error)) wrong.push(`${door}: ${JSON.stringify(url)}: ${error ?? 'went through'}`);
      }, door === 'file upload' ? 1 : 16);
      const seen = sink.taken().filter((one) => !(isRedirect(door) && hop.test(one)));
      for (const one of seen) wrong.push(`${door}: a connection to ${one}`);
    }
    assertNone(wrong);
  }

  const on8080 = (host) => `http://${host}:8080/`;

  test('addresses that are not public are refused at every door', async () => {
    await assertRefused(forbiddenAddresses.map((address) => on8080(inUrl(address))), byGuard);
    await assertRefused(['https://127.0.0.1/', 'https://[::1]:8080/', 'http://127.0.0.1/', 'http://10.0.0.1:80/'], byGuard);
  });

  test('however they are written', () => assertRefused(forbiddenHosts.map(on8080), byGuard));

  test('URLs that can be read in two ways are refused at every door', () =>
    assertRefused(trickyUrls, new RegExp(`${asUrl.source}|${byGuard.source}`), Object.keys(doors).filter((door) => !isRedirect(door))));

  test('and no redirect leads there, either', async () => {
    // Relative to the host that redirects, some of them are places on it.
    const calls = Object.keys(doors).filter(isRedirect);
    for (const door of calls) await forEach(trickyUrls.filter((url) => !/[\r\n]/.test(url)), (url) => doors[door](url));
    const seen = sink.taken();
    assert.ok(seen.length > trickyUrls.length);
    assert.deepEqual(seen.filter((one) => !one.startsWith(`${publicV4}:8080 /`)), []);
  });

  test('low ports of public hosts are refused at every door', () =>
    assertRefused(forbiddenPorts.flatMap((port) => [`http://public.example.com:${port}/`, `http://${publicV4}:${port}/`]), byGuard));

  test('names that lead to such an address are refused, also when another answer is public', async () => {
    const urls = forbiddenAddresses.flatMap((address, i) => [
      names.know(`only${i}.example.com`, [address]),
      names.know(`first${i}.example.com`, [address, publicV4, publicV6]),
      names.know(`last${i}.example.com`, [publicV4, publicV6, address]),
    ]).map(on8080);
    await assertRefused(urls, byGuard, ['fetch, url', 'notify', 'file upload', 'a redirect, 302']);
  });

  test('public places are reached through every door, at the address that was checked', async () => {
    const places = [
      ...openAddresses.map((address) => [inUrl(address), inUrl(address)]),
      ['0x5db8d822', publicV4], ['1572395042', publicV4], ['0135.0270.0330.042', publicV4], ['public.example.com', publicV4], ['PUBLIC.Example.com.', publicV4],
    ];
    for (const door of Object.keys(doors)) {
      for (const [host, address] of places) {
        assert.equal(await doors[door](on8080(host)), undefined, `${door}: ${host}`);
        const seen = sink.taken().filter((one) => !(isRedirect(door) && hop.test(one)));
        assert.equal(seen.length, 1, `${door}: ${host}: ${seen}`);
        assert.ok(seen[0].startsWith(`${address}:8080 /`), `${door}: ${host}: ${seen}`);
      }
    }
    // Who speaks TLS there cannot prove to be that host, but was asked.
    assert.match(await doors['fetch, url'](`https://${publicV4}/`), /TLS/);
    assert.deepEqual([...new Set(sink.taken())], [`${publicV4}:443`]);
  });

  test('a name that is rebound leads nowhere else', async () => {
    const through = ['fetch, url', 'notify', 'file upload'];
    await Promise.all(through.map(async (door) => {
      const name = names.know(`rebound-${door.replaceAll(/\W+/g, '-')}.example.com`, (time) => [time === 0 ? publicV4 : '127.0.0.1']);
      assert.equal(await doors[door](on8080(name)), undefined);
      assert.equal(names.timesAsked(name), 1, 'what was checked is what was connected to');
      const error = await eventually('the name is looked up again', async () => {
        const error = await doors[door](on8080(name));
        return names.timesAsked(name) > 1 && error;
      });
      assert.match(error, byGuard);
    }));
    const seen = sink.taken();
    assert.ok(seen.length >= through.length);
    assert.deepEqual([...new Set(seen)], [`${publicV4}:8080 /`]);
  });

  describe('places that the operator declares', () => {
    const places = [
      '127.0.0.1', '127.0.0.1:8080', 'http://127.0.0.1:8080/', 'http://127.0.0.1:8080/v1', 'postgresql://reader@127.0.0.1:8080/crm', 'postgres://127.0.0.1:8080',
      'host=127.0.0.1 port=8080', 'crm host=127.0.0.1 port=8080', 'crm?host=127.0.0.1&port=8080', 'crm;host=127.0.0.1', 'smtp://127.0.0.1:8080', 'CRM', '../crm',
      `${publicV4}:8080`, `http://${publicV4}:8080/`, `postgresql://${publicV4}:8080/crm`, 'localhost', '@public.example.com:8080', '/etc/passwd', 'sqlite:/etc/passwd',
    ];
    // Each is tried with every place in every field that might take one; `declared` is the way it is
    // meant, and where that leads. To add one: a row.
    const rows = [
      {
        what: 'sql', declared: ['```sql\ndatabase: $[place!]\nstatement: select 1\n```', 'crm'], leadsTo: /^127\.0\.0\.1:5432$/,
        tried: [
          '```sql\ndatabase: $[place!]\nstatement: select 1\n```', '```sql\ndatabase: crm\nhost: $[place!]\nstatement: select 1\n```',
          '```sql\ndatabase: crm\nurl: $[place!]\nstatement: select 1\n```', '```sql\npostgresql: $[place!]\nstatement: select 1\n```',
          '```sql\ndatabase: crm\nconnection: $[place!]\nstatement: select 1\n```',
        ],
        refusal: /database|sql|field|known|parameter/i,
      },
      {
        what: 'email',
        tried: ['relay', 'host', 'server', 'url', 'smtp', 'from', 'returnPath', 'headers'].map((field) =>
          `\`\`\`email\nto: ann@example.com\nsubject: x\ncontent: y\n${field}: $[place!]\n\`\`\``),
        refusal: /email|field|known|parameter/i,
      },
      {
        what: 'mcp', declared: ['```mcp\nserver: $[place!]\ntool: find\n```', 'tools'], leadsTo: /^127\.0\.0\.1:9200 \/mcp$/,
        tried: ['```mcp\nserver: $[place!]\ntool: find\n```', '```mcp\nurl: $[place!]\ntool: find\n```', '```mcp\ncommand: $[place!]\ntool: find\n```', '```mcp\nserver: tools\nurl: $[place!]\ntool: find\n```'],
        refusal: /mcp|server|field|known|parameter/i,
      },
    ];

    for (const { what, tried, refusal, declared, leadsTo } of rows) {
      test(`${what} reaches no other place`, async () => {
        const wrong = [];
        for (const instruction of tried) {
          const call = await makeCaller(api, { instruction }, ['place'], { mayBeRefused: true });
          await forEach(places, async (place) => {
            const { error } = (await call({ place })).result;
            if (!error || !refusal.test(error)) wrong.push(`${instruction}: ${place}: ${error ?? 'went through'}`);
          });
        }
        assertNone(wrong);
        assert.deepEqual(sink.taken(), []);
        assert.deepEqual(server.relay.mails, []);
        if (!declared) return;
        const call = await makeCaller(api, { instruction: declared[0] }, ['place']);
        await call({ place: declared[1] });
        const seen = [...new Set(sink.taken())];
        assert.ok(seen.length === 1 && leadsTo.test(seen[0]), seen.join());
      });
    }

    test('a mail goes to the relay, whatever its recipients look like', async () => {
      const call = await makeCaller(api, { instruction: '```email\nto: $[to!]\nsubject: x\ncontent: y\n```' }, ['to']);
      for (const to of ['a@[127.0.0.1]', 'a@127.0.0.1', 'a@localhost', '@127.0.0.1:a@example.com', 'a%127.0.0.1@example.com', '127.0.0.1!a@example.com', 'a@wiki.internal']) await call({ to });
      assert.equal((await call({ to: 'ann@example.com' })).result.status, 'success');
      assert.equal((await server.relay.told('mail')).at(-1).to[0], 'ann@example.com');
      assert.deepEqual(sink.taken(), []);
    });

    test('a bot names a model, not where it is', async () => {
      const fields = (place) => [
        { model: place }, { model: `openai/${place}` }, { model: `gpt-5.4@${place}` }, { model: 'gpt-5.4', baseUrl: place }, { model: 'gpt-5.4', base_url: place },
        { model: 'gpt-5.4', config: { baseUrl: place } }, { model: 'gpt-5.4', meta: { baseUrl: place, openai: { base_url: place } } }, { model: { name: 'gpt-5.4', url: place } },
        { model: `gpt-5.4/baseUrl=${place}` },
      ];
      await forEach(['http://127.0.0.1:8080/v1', `http://${publicV4}:8080/v1`].flatMap(fields), async (body) => {
        const made = await api.call('POST', '/bot/create', { body: { name: 'x', ...body } });
        if (made.status !== 200) return assert.equal(made.status, 400, made.text);
        await api.ended(await api.fire(await api.createTrigger({ botId: made.body.id }), { body: 'x' }));
      });
      const seen = [...new Set(sink.taken())];
      assert.deepEqual(seen, ['127.0.0.1:9100 /v1/chat/completions']);
    });
  });

  test('nothing that an account user can say opens the guard', async () => {
    const target = 'http://127.0.0.1:8080/inside';
    const opened = { allow: ['127.0.0.1', '127.0.0.0/8'], enabled: false };
    const fields = { egress: opened, egressAllow: ['127.0.0.1'], 'egress.allow': ['127.0.0.1'], allow: ['127.0.0.1'], guard: false, proxy: 'http://127.0.0.1:3128', hosts: ['127.0.0.1:8080'] };
    const call = await makeCaller(api, { instruction: `\`\`\`fetch\n${target}\n\`\`\`` }, []);
    const { id: secretId } = await api.post('/secret/create', { name: 'bound', value: 'not-to-be-sent', config: { hosts: ['127.0.0.1:8080', '127.0.0.1'] } });
    const [{ id: abilityId }] = (await api.get(`/skillset/${call.skillsetId}/ability/list`)).items;
    // A field that is not known may be refused, or passed over; it may not count.
    for (const [path, more] of [
      [`/bot/${call.botId}/update`, {}], [`/skillset/${call.skillsetId}/update`, {}], [`/skillset/${call.skillsetId}/ability/${abilityId}/update`, { secretId }],
      [`/integration/trigger/${call.trigger.id}/update`, {}], [`/secret/${secretId}/update`, {}], ['/account/update', {}], ['/platform/update', {}], ['/server/update', {}],
      ['/egress/update', {}], ['/egress/allow', {}], ['/settings/update', {}], ['/config', {}],
    ]) {
      for (const body of [{ ...more, ...fields }, { ...more, meta: fields }, { ...more, config: fields }, { ...more, options: fields }, more]) {
        const reply = await api.call('POST', path, { body });
        assert.ok([200, 400, 403, 404, 405].includes(reply.status), `${path}: ${reply.status} ${reply.text}`);
      }
      assert.match((await call()).result.error, byGuard, path);
    }
    for (const headers of [{ 'x-bellpull-egress': 'off' }, { 'x-egress-allow': '127.0.0.1' }, { 'x-forwarded-host': '127.0.0.1:8080' }, { host: '127.0.0.1:8080' }]) {
      assert.match((await call({}, { headers })).result.error, byGuard);
    }
    const options = ['allow=127.0.0.1', 'guard=false', 'egress=off', 'proxy=http:%2f%2f127.0.0.1:3128', 'insecure=true', 'resolve=public.example.com:8080:127.0.0.1', 'unsafe', 'auth=internal'];
    const instructions = [
      ...options.map((option) => `\`\`\`fetch/${option}\n${target}\n\`\`\``),
      ...Object.entries(fields).map(([name, value]) => `\`\`\`fetch\n${JSON.stringify({ url: target, [name]: value })}\n\`\`\``),
      `\`\`\`fetch\n${JSON.stringify({ url: target, options: fields })}\n\`\`\``,
      `\`\`\`fetch\n${JSON.stringify({ url: 'http://127.0.0.1:8080', path: '/inside', headers: { Host: 'public.example.com' } })}\n\`\`\``,
      `\`\`\`fetch\n${JSON.stringify({ url: target, authorization: '${SECRET_DEFAULT}' })}\n\`\`\``,
      `\`\`\`notify\n${JSON.stringify({ url: target, text: 'x', ...fields })}\n\`\`\``,
      '```fetch\n/inside\n```', '```fetch\nGET /inside HTTP/1.1\nHost: 127.0.0.1:8080\n```',
    ];
    await forEach(instructions, async (instruction) => {
      const each = await makeCaller(api, { instruction, secretId }, []);
      assert.ok((await each()).result.error, instruction);
    });
    // A name in a Host header is no place to connect to.
    const named = await makeCaller(api, { instruction: '```fetch\nGET http://public.example.com:8080/named\nHost: 127.0.0.1:8080\nX-Forwarded-Host: 127.0.0.1\n```' }, []);
    await named();
    assert.deepEqual([...new Set(sink.taken())], [`${publicV4}:8080 /named`]);
  });

  describe('with an allow-list', () => {
    async function reaching(allow) {
      const other = await Server.start({ config: ['[egress]', `allow = ${JSON.stringify(allow)}`].join('\n') });
      stops.unshift(() => other.stop());
      return makeDoors(other.api());
    }
    // Each place as [URL, whether it is reached, why].
    async function assertReached(doors, rows) {
      const wrong = [];
      for (const door of Object.keys(doors)) {
        for (const [url, expected] of rows.filter(([url, expected]) => hasIpv6() || !expected || !url.includes('[fd'))) {
          const error = await doors[door](url);
          const came = sink.taken().length;
          if ((came > 0) !== expected || (error === undefined) !== expected || (!expected && !byGuard.test(error))) {
            wrong.push(`${door}: ${url}: ${came} connections, ${error}`);
          }
        }
      }
      assertNone(wrong);
    }

    test('hosts, networks and ports open what they name, and no neighbour', async () => {
      const at = (name, ...answer) => names.know(name, answer);
      const doors = await reaching([
        '.corp.example.com', 'wiki.lan.example.com', 'mail.lan.example.com:25', '10.1.0.0/16', '10.2.0.1:9000', '[fd00:1::/32]:8080', '169.254.7.7', '192.168.9.0/31:443',
      ]);
      await assertReached(doors, [
        [on8080(at('a.corp.example.com', '10.9.9.9')), true],
        [on8080(at('b.a.corp.example.com', '10.9.9.9')), true],
        [on8080('A.CORP.example.com.'), true],
        [`http://a.corp.example.com:80/`, true],
        [`http://a.corp.example.com:22/`, false],
        [on8080(at('corp.example.com', '10.9.9.9')), false],
        [on8080(at('evilcorp.example.com', '10.9.9.9')), false],
        [on8080(at('evil-corp.example.com', '10.9.9.9')), false],
        [on8080(at('a.corp.example.com.evil.example', '10.9.9.9')), false],
        [on8080(at('metadata.corp.example.com', '169.254.169.254')), false],
        [on8080(at('mixed.corp.example.com', '10.9.9.9', '169.254.169.254')), false],
        [on8080(at('both.corp.example.com', '10.9.9.9', publicV4)), true],
        [on8080('10.9.9.9'), false],
        [on8080(at('wiki.lan.example.com', '192.168.3.4')), true],
        [on8080(at('a.wiki.lan.example.com', '192.168.3.4')), false],
        [on8080(at('wiki2.lan.example.com', '192.168.3.4')), false],
        [`http://${at('mail.lan.example.com', '192.168.3.5')}:25/`, true],
        ['http://mail.lan.example.com:8080/', false],
        ['http://mail.lan.example.com:587/', false],
        [on8080('10.1.0.1'), true],
        [on8080('10.1.255.255'), true],
        [on8080('[::ffff:10.1.0.1]'), true],
        [on8080(at('into.example.com', '10.1.2.3')), true],
        ['http://10.1.0.1:22/', false],
        [on8080('10.0.255.255'), false],
        [on8080('10.2.0.0'), false],
        ['http://10.2.0.1:9000/', true],
        ['http://10.2.0.1:9001/', false],
        ['http://10.2.0.1/', false],
        ['http://10.2.0.2:9000/', false],
        ['http://10.2.0.0:9000/', false],
        [on8080('[fd00:1::9]'), true],
        [on8080('[fd00:2::9]'), false],
        ['http://[fd00:1::9]:9000/', false],
        [on8080('169.254.7.7'), true],
        [on8080('169.254.7.8'), false],
        [on8080('169.254.169.254'), false],
        ['http://192.168.9.1:8080/', false],
        [on8080('127.0.0.1'), false],
        [on8080('localhost'), false],
        [on8080('public.example.com'), true],
      ]);
    });

    test('!public closes what is public, but for the rules', async () => {
      names.know('api.partner.example.com', ['93.184.216.35']);
      await assertReached(await reaching(['!public', '.partner.example.com', '93.184.216.64/26']), [
        [on8080('api.partner.example.com'), true],
        [on8080('93.184.216.35'), false],
        [on8080('public.example.com'), false],
        [on8080('93.184.216.64'), true],
        [on8080('93.184.216.63'), false],
        [on8080('93.184.216.128'), false],
        [on8080('127.0.0.1'), false],
      ]);
    });
  });
});
