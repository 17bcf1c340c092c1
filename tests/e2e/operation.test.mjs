// What an operator meets: configuration, health, metrics, the demo, and where secrets may not be.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { eventually } from './support/eventually.mjs';
import { parseMetrics } from './support/prometheus.mjs';
import { newToken, run, startServer, temporaryFolder, useServer } from './support/server.mjs';

const stage = useServer();

test('it says that it is alive and ready', async () => {
  for (const page of ['healthz', 'readyz']) {
    const reply = await fetch(`${stage.server.url}/${page}`);
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('content-type'), /^application\/json/);
    assert.equal((await reply.json()).ok, true);
  }
});

test('a probe that asks with HEAD is told what GET says', async () => {
  for (const page of ['healthz', 'readyz', 'metrics']) {
    const reply = await fetch(`${stage.server.url}/${page}`, { method: 'HEAD' });
    assert.equal(reply.status, 200);
    assert.ok(Number(reply.headers.get('content-length')) > 0, 'the page was made');
    assert.equal(await reply.text(), '');
  }
});

const metricsOf = async (server) => {
  const reply = await fetch(`${server.url}/metrics`);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return parseMetrics(await reply.text());
};
const valueOf = (families, name, labels = {}) => {
  const sample = families[name].samples.find((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value));
  return sample.value;
};

test('its metrics are valid and count what happens', async (t) => {
  const server = await startServer(t);
  const api = server.api();
  const before = await metricsOf(server);
  assert.equal(valueOf(before, 'bellpull_events_accepted_total'), 0);
  const trigger = await api.createTrigger();
  for (let i = 0; i < 3; ++i) await api.ended(await api.fire(trigger, { body: 'x' }));
  await api.send({ id: trigger.id }, { body: 'x' });
  await api.send({ id: 'trigger_nope' }, { body: 'x' });
  await api.send(trigger, { query: { 'contact.email': 'no address' }, body: 'x' });
  await api.send(trigger, { method: 'DELETE' });
  await api.send(trigger, { method: 'HEAD' });
  await api.send(trigger, { method: 'OPTIONS' });

  const after = await metricsOf(server);
  assert.equal(valueOf(after, 'bellpull_events_accepted_total'), 3);
  for (const cause of ['not_authenticated', 'not_found', 'bad_request', 'method']) {
    assert.equal(valueOf(after, 'bellpull_events_rejected_total', { cause }), 1, cause);
  }
  assert.equal(valueOf(after, 'bellpull_runs_total', { state: 'succeeded' }), 3);
  assert.equal(valueOf(after, 'bellpull_queue_running'), 0);
  assert.equal(valueOf(after, 'bellpull_store_writable'), 1);
  assert.ok(valueOf(after, 'bellpull_store_commits_total') > valueOf(before, 'bellpull_store_commits_total'));
});

test('the reader of metrics finds planted mistakes', () => {
  const right = '# HELP a_total Help.\n# TYPE a_total counter\na_total{x="1"} 1\na_total{x="\\"2\\n"} 2.5\n';
  assert.equal(parseMetrics(right).a_total.samples.length, 2);
  const histogram = '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n';
  assert.equal(parseMetrics(histogram).h.samples.length, 4);
  const wrong = [
    right.slice(0, -1),
    `${right}\n`,
    right.replace('2.5', 'many'),
    right.replace('a_total{x="1"}', 'b_total{x="1"}'),
    right.replace('x="1"', 'x=1'),
    `${right}a_total{x="1"} 3\n`,
    right.replaceAll('a_total', 'a'),
    right.replace('# HELP a_total Help.\n', ''),
    right.replace('# TYPE a_total counter\n', ''),
    `${right}# HELP b B.\n# TYPE b gauge\nb 1\n# TYPE a_total counter\n`,
    histogram.replace('h_count 2', 'h_count 3'),
    histogram.replace('h_bucket{le="+Inf"} 2\n', ''),
  ];
  for (const text of wrong) assert.throws(() => parseMetrics(text), undefined, text);
});

test('a configuration that is not understood is refused with a suggestion', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const serve = (args, options) => run(['serve', '--listen', '127.0.0.1:0', '--data', data, ...args], options);
  const file = async (text) => {
    const name = path.join(folder.path, 'bellpull.toml');
    await writeFile(name, text);
    return name;
  };
  const cases = [
    ['an unknown key', async () => serve(['--config', await file('[retry]\nattemps = 3\n')]), /retry\.attemps[^]*did you mean retry\.attempts\?/],
    ['an unknown table', async () => serve(['--config', await file('[egres]\nallow = []\n')]), /egres\.allow[^]*did you mean egress\.allow\?/],
    ['a value of a wrong form', async () => serve(['--config', await file('grace = "soon"\n')]), /grace[^]*duration/],
    ['no TOML', async () => serve(['--config', await file('a = = b\n')]), /bellpull\.toml, line 1/],
    ['no file', () => serve(['--config', path.join(folder.path, 'missing.toml')]), /missing\.toml/],
    ['an unknown flag', () => serve(['--gracee', '1s']), /did you mean --grace\?/],
    ['an unknown variable', () => serve([], { env: { BELLPULL_WORKER: '3' } }), /BELLPULL_WORKER[^]*did you mean BELLPULL_WORKERS\?/],
    ['a bad allow-list', async () => serve(['--config', await file('[egress]\nallow = ["not a rule!"]\n')]), /not a rule!/],
    ['a bad address', () => run(['serve', '--listen', 'nowhere', '--data', data]), /--listen must be ADDRESS:PORT/],
    ['a bad administrator token', () => serve([], { env: { BELLPULL_ADMIN_TOKEN: 'letmein' } }), /admin token must be sk-/],
  ];
  for (const [what, start, says] of cases) {
    await t.test(what, async () => {
      const { code, stdout, stderr } = await start();
      assert.ok(code > 0, `${code}: ${stderr}`);
      assert.match(stderr, says);
      assert.match(stderr, /^error: /);
      assert.doesNotMatch(stdout, /listening/);
    });
  }
});

test('flag, then environment, then file, then default', async (t) => {
  const send = async (options) => {
    const server = await startServer(t, { config: '[event]\nbody_limit = 10\n', ...options });
    const api = server.api();
    const trigger = await api.createTrigger();
    const accepted = [];
    for (const size of [10, 20, 30, 40]) {
      if ((await api.send(trigger, { body: 'x'.repeat(size) })).status === 200) accepted.push(size);
    }
    return accepted.at(-1);
  };
  const env = { BELLPULL_EVENT_BODY_LIMIT: '20' };
  assert.equal(await send({}), 10);
  assert.equal(await send({ env }), 20);
  assert.equal(await send({ env, args: ['--event-body-limit', '30'] }), 30);
});

test('only the configured origins may call it from a browser', async (t) => {
  const server = await startServer(t, { config: '[api]\norigins = ["https://app.example"]\n' });
  const allowed = async (url, origin) => (await fetch(url, { headers: { origin } })).headers.get('access-control-allow-origin');
  const path = '/api/v1/bot/list';
  assert.equal(await allowed(server.url + path, 'https://app.example'), 'https://app.example');
  assert.equal(await allowed(server.url + path, 'https://other.example'), null);
  assert.equal(await allowed(stage.server.url + path, 'https://other.example'), '*', 'any, where none is configured');
});

// Runs the printed curl; what the clerk's abilities gave, as texts.
async function ringDemo(server) {
  const printed = await eventually('the curl command', () => /^ *curl (?:.*\\\n)*.*\n/m.exec(server.stdout)?.[0]);
  server.protect(/Bearer ([0-9a-f]+)/.exec(printed)[1]);
  const { stdout } = await promisify(execFile)('bash', ['-ec', printed.replace('curl ', 'curl --silent --show-error ')]);
  assert.equal(stdout, '{"ok":true}');

  const api = server.api();
  const [{ id }] = (await api.get('/event/inbox/list')).items;
  const event = await api.ended(id);
  assert.equal(event.state, 'succeeded', event.error);
  const run = await api.get(`/run/${event.runId}/fetch`);
  assert.ok(run.actionCalls >= 2, 'the clerk used its abilities');
  return (await api.messages(event.conversationId))
    .filter((message) => message.meta.activity?.type === 'response')
    .map((message) => JSON.stringify(message.meta.activity.function.result));
}
const isEchoed = (result) => /200/.test(result) && /12345/.test(result);

test('the printed demo works word for word', async (t) => {
  const server = await startServer(t, { args: ['--demo'] });
  assert.ok((await ringDemo(server)).some(isEchoed), 'also over HTTP');
});

test('the demo works after the server moved, unless somebody changed it', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const options = { data: path.join(folder.path, 'data'), args: ['--demo'], adminToken: newToken() };
  const first = await startServer(t, options);
  await first.stop();

  const second = await startServer(t, options);
  assert.notEqual(second.port, first.port);
  assert.ok((await ringDemo(second)).some(isEchoed), 'also over HTTP');
  const api = second.api();
  const [skillset] = (await api.get('/skillset/list')).items;
  const abilities = async (one) => (await one.get(`/skillset/${skillset.id}/ability/list`)).items;
  const changed = (await abilities(api)).find((ability) => ability.name === 'http_echo');
  const instruction = changed.instruction.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9');
  assert.notEqual(instruction, changed.instruction);
  await api.post(`/skillset/${skillset.id}/ability/${changed.id}/update`, { instruction });
  await second.stop();

  const third = await startServer(t, options);
  const kept = (await abilities(third.api())).find((ability) => ability.name === 'http_echo');
  assert.equal(kept.instruction, instruction);
});

test('a demo is made in an empty data directory only', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const first = await startServer(t, { data });
  await first.stop();
  const second = await startServer(t, { data, args: ['--demo'], adminToken: first.adminToken });
  assert.deepEqual((await second.api().get('/bot/list')).items, []);
  assert.doesNotMatch(second.stdout, /curl/);
});

test('the guard lets no bot reach the inside', async () => {
  const { api } = stage;
  const { port } = stage.server;
  const targets = [`http://127.0.0.1:${port}/healthz`, `http://localhost:${port}/healthz`, 'http://169.254.169.254/', 'http://[::1]/', 'http://2130706433/', 'file:///etc/passwd'];
  const abilities = targets.map((target, i) => ({ name: `reach_${i}`, description: 'x', instruction: ['```fetch', `GET ${target}`, '```'].join('\n') }));
  const botId = await api.createBot({ skillsetId: await api.createSkillset(abilities) });
  const event = await api.ended(await api.fire(await api.createTrigger({ botId }), { body: '{}' }));
  const results = (await api.messages(event.conversationId))
    .filter((message) => message.meta.activity?.type === 'response' && message.meta.activity.function.name.startsWith('reach_'))
    .map((message) => JSON.stringify(message.meta.activity.function.result));
  assert.equal(results.length, targets.length);
  for (const [i, result] of results.entries()) {
    assert.match(result, /"error"/, targets[i]);
    assert.doesNotMatch(result, /"ok":true|root:/);
  }
});

test('secrets are sealed at rest', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const data = path.join(folder.path, 'data');
  const server = await startServer(t, { data });
  const api = server.api();
  const trigger = await api.createTrigger();
  const { token } = await api.post('/token/create', { name: 'x' });
  await api.ended(await api.fire(trigger, { body: 'a body that is no secret' }));
  await server.stop();

  const files = await readdir(data, { recursive: true, withFileTypes: true });
  let foundBody = false;
  for (const file of files.filter((one) => one.isFile())) {
    const name = path.join(file.parentPath, file.name);
    const bytes = await readFile(name);
    foundBody ||= bytes.includes('a body that is no secret');
    for (const secret of [trigger.secret, token, server.adminToken]) {
      for (const form of [secret, secret.replace('sk-', ''), Buffer.from(secret.replace('sk-', ''), 'hex')]) {
        assert.ok(!bytes.includes(form), `${file.name} holds a secret`);
      }
    }
  }
  assert.ok(foundBody, 'the files were really searched');
  for (const name of [data, path.join(data, 'master.key')]) {
    assert.equal((await stat(name)).mode & 0o077, 0, `${name} is for its owner only`);
  }
});

test('a data directory is served with its own master key only', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const [keyed, filed] = ['keyed', 'filed'].map((name) => path.join(folder.path, name));
  const [key, otherKey] = ['a', 'b'].map((digit) => digit.repeat(64));
  const refused = async (data, env, says) => {
    const end = await run(['serve', '--listen', '127.0.0.1:0', '--data', data], { env });
    assert.equal(end.code, 1, end.stderr);
    assert.match(end.stderr, says);
    assert.match(end.stderr, /try: .*master\.key.*BELLPULL_MASTER_KEY/);
    assert.doesNotMatch(end.stdout, /listening/);
  };
  const isAnotherKey = /the master key is not the one/;
  const isMissing = /master\.key is missing/;

  await t.test('that of the file', async (t) => {
    const first = await startServer(t, { data: filed });
    const trigger = await first.api().createTrigger();
    await first.stop();
    const file = path.join(filed, 'master.key');
    await rename(file, `${file}.away`);
    await refused(filed, {}, isMissing);
    await assert.rejects(stat(file), 'no other key was made');
    await refused(filed, { BELLPULL_MASTER_KEY: otherKey }, isAnotherKey);
    await writeFile(file, `${otherKey}\n`, { mode: 0o600 });
    await refused(filed, {}, isAnotherKey);
    await rename(`${file}.away`, file);
    const again = await startServer(t, { data: filed, adminToken: first.adminToken });
    await again.api().fire(trigger, { body: 'x' });
  });
  await t.test('that of the environment', async (t) => {
    const first = await startServer(t, { data: keyed, env: { BELLPULL_MASTER_KEY: key } });
    const trigger = await first.api().createTrigger();
    await first.stop();
    await refused(keyed, {}, isMissing);
    await refused(keyed, { BELLPULL_MASTER_KEY: otherKey }, isAnotherKey);
    const again = await startServer(t, { data: keyed, env: { BELLPULL_MASTER_KEY: key }, adminToken: first.adminToken });
    await again.api().fire(trigger, { body: 'x' });
  });
});

test('the harness finds a secret in the log', async (t) => {
  const server = await startServer(t);
  server.protect('listening');
  await assert.rejects(server.stop(), /the log shows a secret/);
});

test('a log line is one JSON object with its time, level, module and fact', async (t) => {
  const server = await startServer(t);
  await server.api().createTrigger();
  await server.stop();
  const lines = server.log.split('\n').filter((line) => line !== '');
  assert.ok(lines.length >= 2);
  for (const line of lines) {
    const { at, level, module, fact } = JSON.parse(line);
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(['debug', 'info', 'warning', 'error'].includes(level));
    assert.ok(module && fact);
  }
});
