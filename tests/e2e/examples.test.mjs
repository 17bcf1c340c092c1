// The examples as their README says, with rules and with a model that is scripted: what arrives where.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { calls, settles, startModelStandIn } from './support/model_stand_in.mjs';
import { Server, temporaryFolder } from './support/server.mjs';
import { startSink } from './support/sink.mjs';
import { parseMail, startSmtp } from './support/smtp.mjs';

const setUp = fileURLToPath(new URL('../../examples/set-up', import.meta.url));

// What a model does that was asked to do the same as the rules.
const scenarios = {
  'gpt-5.4-order-processing': [
    calls([['c1', 'stock_of', { sku: 'LAMP' }]]),
    calls([
      ['c2', 'confirm_by_mail', { to: 'ann@example.com', order: '17', name: 'Ann' }],
      ['c3', 'ship', { order: '17', sku: 'LAMP', quantity: 2 }],
    ]),
    settles(),
  ],
  'gpt-5.4-sales-report': [calls([['c1', 'sales', {}]]), calls([['c2', 'send_report', { orders: 2, total: '42' }]]), settles()],
  'gpt-5.4-monitoring': [calls([['c1', 'tell_slack', { monitor: 'Shop monitor' }]]), settles()],
};

describe('the examples', () => {
  let folder;
  let relay;
  let sink;
  let standIn;
  let server;
  let api;
  let stops;

  before(async () => {
    stops = [];
    folder = await temporaryFolder();
    const file = path.join(folder.path, 'shop.db');
    const shop = new DatabaseSync(file);
    shop.exec(`
      create table stock (sku text, quantity integer); insert into stock values ('LAMP', 5), ('CUP', 1);
      create table sales (day text, total numeric); insert into sales values ('2026-01-30', 7), ('2026-01-31', 40), ('2026-01-31', 2)`);
    shop.close();
    relay = await startSmtp({ after: (stop) => stops.push(stop) });
    sink = await startSink();
    standIn = await startModelStandIn(scenarios);
    server = await Server.start({
      env: { ...standIn.environment, BELLPULL_EGRESS_ALLOW: sink.host },
      config: ['[database.shop]', `sqlite = "${file}"`, '[mail]', `relay = "${relay.url}"`, 'from = "Shop <shop@example.com>"'].join('\n'),
    });
    api = server.api();
  });
  after(async () => {
    await server?.stop();
    await standIn?.stop();
    await sink?.stop();
    for (const stop of stops ?? []) await stop();
    await folder?.remove();
  });

  function make(name, ...options) {
    const made = spawnSync('python3', ['-B', setUp, name, '--json', ...options], {
      env: { ...process.env, BELLPULL_URL: server.url, BELLPULL_TOKEN: server.adminToken }, encoding: 'utf8',
    });
    assert.equal(made.status, 0, made.stderr);
    const example = JSON.parse(made.stdout);
    if (example.secret) server.protect(example.secret);
    return { ...example, id: example.trigger };
  }
  const said = async (event) => (await api.messages(event.conversationId)).filter((one) => one.type === 'bot').map((one) => one.text).join();

  for (const model of ['builtin/rules', 'gpt-5.4']) {
    const optionsOf = (name) => ['--model', model === 'gpt-5.4' ? `gpt-5.4-${name}` : model];
    const order = { order: 17, sku: 'LAMP', quantity: 2, customer: { email: 'ann@example.com', name: 'Ann' } };

    test(`an order is checked, confirmed and shipped, with ${model}`, async () => {
      const mails = relay.mails.length;
      const shipped = sink.at('/shipments').length;
      const trigger = make('order-processing', '--set', `https://warehouse.example=${sink.url}`, ...optionsOf('order-processing'));
      const event = await api.ended(await api.fire(trigger, { body: JSON.stringify(order) }));
      assert.equal(event.state, 'succeeded', JSON.stringify(event));
      const mail = parseMail((await relay.told('mail', mails + 1)).at(-1));
      assert.equal(mail.subject, 'Your order 17');
      assert.match(mail.parts[0].text, /^Dear Ann,\n\nyour order \*\*17\*\* is on its way\./);
      assert.equal(sink.at('/shipments').length, shipped + 1);
      const shipment = sink.at('/shipments').at(-1);
      assert.equal(shipment.method, 'POST');
      assert.deepEqual(JSON.parse(shipment.body), { order: '17', sku: 'LAMP', quantity: 2 });
      assert.ok(shipment.headers['idempotency-key']);
    });

    test(`a report of the sales goes out by mail, with ${model}`, async () => {
      const mails = relay.mails.length;
      const trigger = make('sales-report', '--set', 'sales@example.com=boss@example.com', ...optionsOf('sales-report'));
      const { schedule } = await api.get(`/integration/trigger/${trigger.id}/fetch`);
      assert.equal(schedule, '0 7 * * *');
      await api.post(`/integration/trigger/${trigger.id}/invoke`);
      const { items } = await api.get('/event/inbox/list', { triggerId: trigger.id });
      const event = await api.ended(items[0].id);
      assert.equal(event.state, 'succeeded', JSON.stringify(event));
      const mail = (await relay.told('mail', mails + 1)).at(-1);
      assert.deepEqual(mail.to, ['boss@example.com']);
      const parsed = parseMail(mail);
      assert.equal(parsed.subject, 'Sales, 2 orders');
      assert.match(parsed.parts[0].text, /\| 2 \| 42 \|/);
    });

    test(`a call of a plain URL is told on Slack, with ${model}`, async () => {
      const before = sink.at('/services/T0/B0/x').length;
      const trigger = make('monitoring', '--secret', `${sink.url}/services/T0/B0/x`, ...optionsOf('monitoring'));
      const event = await api.ended(await api.fire({ id: trigger.id }, { method: 'GET', query: { contact_name: 'Shop monitor' } }));
      assert.equal(event.state, 'succeeded', JSON.stringify(event));
      assert.equal(sink.at('/services/T0/B0/x').length, before + 1);
      assert.deepEqual(JSON.parse(sink.at('/services/T0/B0/x').at(-1).body), { text: 'Shop monitor reports trouble: have a look.' });
    });
  }

  test('what is too little is not shipped, and its run has failed', async () => {
    const shipped = sink.at('/shipments').length;
    const trigger = make('order-processing', '--set', `https://warehouse.example=${sink.url}`);
    const event = await api.ended(
      await api.fire(trigger, { body: JSON.stringify({ order: 18, sku: 'CUP', quantity: 3, customer: { email: 'bob@example.com' } }) }));
    assert.equal(event.state, 'failed');
    assert.match(JSON.stringify(event), /Only 1 of CUP are left; 3 are ordered/);
    assert.equal(sink.at('/shipments').length, shipped);
  });

  test('a call by nobody is not told of', async () => {
    const before = sink.requests.length;
    const trigger = make('monitoring', '--secret', `${sink.url}/services/T0/B0/x`);
    const event = await api.ended(await api.fire({ id: trigger.id }, { method: 'GET' }));
    assert.equal(event.state, 'succeeded');
    assert.equal(await said(event), '');
    assert.equal(sink.requests.length, before);
  });
});
