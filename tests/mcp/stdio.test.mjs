// The client against real servers over stdio, and against our own peer.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { isAlive, newFolder, packageFile, peer, withProbe } from './probe.mjs';

const node = process.execPath;
const everything = [node, packageFile('server-everything')];
const own = [node, peer('stdio.mjs')];
const limit = { timeout: 30_000 };

test('server-everything is served as a legacy server, with its notices between answers', limit, async () => {
  const probe = await withProbe(everything, {}, async (p) => {
    const { tools } = await p.list();
    assert.ok(tools.length >= 10);
    assert.ok(tools.every(({ name, function: called }) => called === `probe__${name}`));
    assert.equal((await p.health()).era, 'legacy');
    const [sum, structured, long, image, wrong, unknown] = await Promise.all([
      p.call('get-sum', { a: 2, b: 3 }),
      p.call('get-structured-content', { location: 'New York' }),
      p.call('trigger-long-running-operation', { duration: 1, steps: 2 }),
      p.call('get-tiny-image'),
      p.call('get-sum', { a: 'two' }),
      p.call('no-such-tool'),
    ]);
    assert.match(sum.text, /2 and 3 is 5/);
    assert.equal(structured.structured.conditions, 'Cloudy');
    assert.equal(long.progress, 2);
    assert.match(image.text, /\[image, image\/png, not shown\]/);
    assert.ok(wrong.isError ?? wrong.failure);
    assert.match(unknown.failure, /has no tool no-such-tool/);
  });
  assert.match(probe.log, /a server says .*Starting default \(STDIO\) server/);
});

test('server-filesystem does real things, and a refusal of it is for the model', limit, async () => {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'note.txt'), 'remember the milk');
  await withProbe([node, packageFile('server-filesystem'), folder], {}, async (p) => {
    const read = await p.call('read_text_file', { path: path.join(folder, 'note.txt') });
    assert.equal(read.isError, false);
    assert.match(read.text, /remember the milk/);
    const outside = await p.call('read_text_file', { path: '/etc/passwd' });
    assert.equal(outside.isError, true);
    assert.match(outside.text, /outside|denied/i);
    assert.equal((await p.health()).failures, 0, 'a tool that fails is no failure of its server');
  });
});

test('server-memory keeps its state in the file that the environment names', limit, async () => {
  const environment = { MEMORY_FILE_PATH: path.join(newFolder(), 'memory.jsonl') };
  const server = [node, packageFile('server-memory')];
  await withProbe(server, { environment }, async (p) => {
    await p.call('create_entities', { entities: [{ name: 'Ann', entityType: 'person', observations: ['likes tea'] }] });
  });
  await withProbe(server, { environment }, async (p) => {
    assert.match((await p.call('read_graph')).text, /likes tea/);
  });
});

test('a modern server is found out, whatever else it writes to its output', limit, async () => {
  await withProbe(own, {}, async (p) => {
    const order = await p.call('orders_get', { id: 17, region: 'Zürich' });
    assert.equal(order.text, 'order 17 of Zürich');
    assert.deepEqual(order.structured, { id: 17, paid: true });
    assert.equal((await p.health()).era, 'modern');
    const failed = await p.call('fail');
    assert.deepEqual([failed.isError, failed.text], [true, 'out of paper']);
  });
  await withProbe(own, { era: 'legacy' }, async (p) => {
    assert.equal((await p.call('orders_get', { id: 1 })).text, 'order 1 of nowhere');
    assert.equal((await p.health()).era, 'legacy');
  });
});

test('a result is cut at a megabyte, and says so', limit, async () => {
  await withProbe(own, {}, async (p) => {
    const large = await p.call('large', { bytes: 1_500_000 });
    assert.equal(large.truncated, true);
    assert.match(large.text, /é\n\[cut after 1048576 bytes\]$/);
  });
});

test('the process gets a small environment, its own directory and group, and no secret reaches the log', limit, async () => {
  const environment = { SECRET: 'correct-horse' };
  const probe = await withProbe(own, { environment }, async (p) => {
    const given = JSON.parse((await p.call('environment')).text);
    assert.deepEqual(given.variables, ['HOME', 'LANG', 'PATH', 'SECRET']);
    assert.equal(given.secret, '[redacted]', 'what it was given comes back to nobody');
    assert.equal(given.secretSize, 'correct-horse'.length);
    assert.equal(given.directory, p.directory);
    assert.ok(isAlive(given.pid));
    p.pid = given.pid;
  });
  assert.ok(!isAlive(probe.pid), 'it ended with its user');
  assert.ok(!probe.log.includes('correct-horse'));
});

test('a process that dies takes its calls along as unknown, and is started again', limit, async () => {
  const probe = await withProbe(own, {}, async (p) => {
    const [slow, died] = await Promise.all([p.call('slow', { ms: 20_000 }), p.call('die')]);
    for (const answer of [slow, died]) {
      assert.equal(answer.outcomeUnknown, true);
      assert.match(answer.failure, /is gone: it ended with exit code 3/);
    }
    assert.ok((await p.health()).failures >= 1);
    const after = await p.call('orders_get', { id: 1 });
    assert.equal(after.text, 'order 1 of nowhere');
    assert.equal((await p.health()).failures, 0);
  });
  assert.equal(probe.log.match(/a server was started/g).length, 2);
});

test('a canceled call, and one that takes too long, are told to the server', limit, async () => {
  const probe = await withProbe(own, { callMs: 700 }, async (p) => {
    await p.list();
    const canceled = await p.call('slow', { ms: 20_000 }, { cancel: 200 });
    assert.match(canceled.failure, /canceled/);
    const late = await p.call('slow', { ms: 20_000 });
    assert.match(late.failure, /No answer/);
    assert.equal(late.outcomeUnknown, true);
    assert.equal((await p.call('orders_get', { id: 1 })).text, 'order 1 of nowhere', 'the same process goes on');
  });
  assert.equal(probe.log.match(/slow was canceled/g)?.length, 2);
});

test('a program that is not there is a clear failure', limit, async () => {
  await withProbe(['/no/such/program'], {}, async (p) => {
    const refused = await p.list();
    assert.match(refused.failure, /\/no\/such\/program could not be started in .*: No such file/);
    assert.equal(refused.outcomeUnknown, false);
  });
});

test('a program that ignores the end of its input and SIGTERM is killed with its group', limit, async () => {
  const stubborn = ['/bin/sh', '-c', `trap '' TERM; (trap '' TERM; sleep 1000) & echo $! >&2; while :; do sleep 1; done`];
  const probe = await withProbe(stubborn, { callMs: 300 }, async (p) => {
    assert.ok((await p.list()).failure);
  });
  const child = Number(probe.log.match(/a server says .*text=(\d+)/)[1]);
  await new Promise((done) => { setTimeout(done, 50); });
  assert.ok(!isAlive(child));
});
