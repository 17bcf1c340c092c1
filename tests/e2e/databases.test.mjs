// Abilities that ask databases: a real PostgreSQL server and a SQLite file, declared by the operator.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { calls, settles, startModelStandIn } from './support/model_stand_in.mjs';
import { startPostgres } from './support/postgres.mjs';
import { run, Server, temporaryFolder } from './support/server.mjs';
import { activities } from './support/transcript.mjs';

const password = 'pg-reader-password-5d41402abc4b2a76';
const sql = (database, statement) => `\`\`\`sql/database=${database}\n${statement}\n\`\`\``;
const one = (name, args = {}) => [calls([['call_1', name, args]]), settles()];

const scenarios = {
  'gpt-5.4-crm': one('orders_of', { customer: 'Ann' }),
  'gpt-5.4-inject': one('orders_of', { customer: "' or 1=1; drop table orders; --" }),
  'gpt-5.4-stock': one('stock_of', { article: 'bell' }),
  'gpt-5.4-take': one('take', { article: 'bell', count: 2 }),
  'gpt-5.4-raw-read': one('raw', { statement: 'x' }),
  'gpt-5.4-slow-write': one('slow_write'),
};

describe('databases of the operator', () => {
  let folder;
  let postgres;
  let standIn;
  let server;
  let api;
  let skillsetId;

  before(async () => {
    folder = await temporaryFolder();
    const file = path.join(folder.path, 'stock.db');
    const stock = new DatabaseSync(file);
    stock.exec("create table stock (article text, count integer); insert into stock values ('bell', 7)");
    stock.close();
    postgres = await startPostgres();
    await postgres.run(`
      create table orders (id int primary key, customer text, total numeric(10, 2));
      insert into orders values (1, 'Ann', 9.50), (2, 'Bob', 3), (3, 'Ann', 12);
      create role reader login password '${password}'; grant select on orders to reader;
      create role writer login password '${password}'; grant select, insert on orders to writer`);
    standIn = await startModelStandIn(scenarios);
    await writeFile(path.join(folder.path, 'password'), `${password}\n`);
    server = await Server.start({
      env: { ...standIn.environment, BELLPULL_DATABASE_DESK_PASSWORD: password },
      config: [
        '[database.crm]', `postgresql = "${postgres.uri('reader')}"`, `password_file = "${folder.path}/password"`,
        '[database.desk]', `postgresql = "${postgres.uri('writer')}"`, 'writable = true',
        '[database.stock]', `sqlite = "${file}"`, 'writable = true',
      ].join('\n'),
    });
    server.protect(password);
    api = server.api();
    skillsetId = await api.createSkillset([
      { name: 'orders_of', description: 'Orders', instruction: sql('crm', 'select id, total from orders where customer = $[customer!|the customer] order by id') },
      { name: 'stock_of', description: 'Stock', instruction: sql('stock', 'select count from stock where article = $[article!|the article]') },
      { name: 'take', description: 'Takes', instruction: sql('stock', 'update stock set count = count - $[count! number|how many] where article = $[article!|the article]') },
      { name: 'raw', description: 'Writes where it may not', instruction: sql('crm', 'with a as (insert into orders values (9, $[statement!]) returning id) select * from a') },
      { name: 'slow_write', description: 'Writes slowly', instruction: sql('desk', "insert into orders select 5, 'x', 1 from pg_sleep(9)") },
    ]);
  });
  after(async () => {
    await server?.stop();
    await standIn?.stop();
    await postgres?.stop();
    await folder?.remove();
  });

  async function fireOn(model) {
    const botId = await api.createBot({ model, skillsetId });
    return api.fire(await api.createTrigger({ botId }), { body: 'go' });
  }
  async function resultOn(model, name, fired) {
    const event = await api.ended(fired ?? (await fireOn(model)));
    assert.equal(event.state, 'succeeded', event.error);
    return activities(await api.messages(event.conversationId), 'response', name)[0].result;
  }

  test('a statement is sent with its arguments beside it', async () => {
    assert.deepEqual(await resultOn('gpt-5.4-crm', 'orders_of'), { rows: [{ id: 1, total: '9.50' }, { id: 3, total: '12.00' }] });
    assert.deepEqual(await resultOn('gpt-5.4-inject', 'orders_of'), { rows: [] });
    assert.equal(await postgres.run('select count(*) from orders'), '3');
  });

  test('a SQLite file is read and, where the operator says so, written', async () => {
    assert.deepEqual(await resultOn('gpt-5.4-stock', 'stock_of'), { rows: [{ count: 7 }] });
    assert.deepEqual(await resultOn('gpt-5.4-take', 'take'), { affected: 1 });
  });

  test('a database that is for reading is not written to', async () => {
    const result = await resultOn('gpt-5.4-raw-read', 'raw');
    assert.match(result.sqlstate, /^25006|42501$/);
    assert.equal(await postgres.run('select count(*) from orders'), '3');
  });

  test('a server that dies in a write leaves its outcome open, and it is not repeated', async () => {
    const fired = await fireOn('gpt-5.4-slow-write');
    await eventually('the statement runs', async () =>
      (await postgres.run("select count(*) from pg_stat_activity where state = 'active' and query like '%pg_sleep(9)' and pid <> pg_backend_pid()")) === '1');
    await postgres.kill();
    const result = await resultOn('gpt-5.4-slow-write', 'slow_write', fired);
    assert.equal(result.error, 'outcome_unknown');
    await postgres.start();
    assert.equal(await postgres.run('select count(*) from orders'), '3');
  });
});

test('what is wrong with declarations is told at once, and no password is', async () => {
  const folder = await temporaryFolder();
  const config = path.join(folder.path, 'bellpull.toml');
  await writeFile(config, [
    '[database.crm]', `postgresql = "postgresql://reader:${password}@h/crm?nonsense=1"`,
    '[database.own]', `sqlite = "${folder.path}/data/bellpull.db"`,
    '[database.stock]', `sqlite = "${folder.path}/missing.db"`,
  ].join('\n'));
  const ended = await run(['serve', '--listen', '127.0.0.1:0', '--data', path.join(folder.path, 'data'), '--config', config]);
  assert.equal(ended.code, 2);
  for (const key of ['database.crm.postgresql', 'database.own.sqlite', 'database.stock.sqlite']) assert.ok(ended.stderr.includes(key), ended.stderr);
  assert.ok(!ended.stderr.includes(password));
  await folder.remove();
});
