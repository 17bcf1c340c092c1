// The email action, against a real relay: what arrives, what the model is told, what nobody gets to read.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { run, startServer, temporaryFolder } from './support/server.mjs';
import { parseMail, startSmtp } from './support/smtp.mjs';
import { activities } from './support/transcript.mjs';

const ability = {
  name: 'write_to_customer',
  description: 'Writes an e-mail to the customer',
  instruction: [
    '```email',
    'to: $[customer!|the address of the customer]',
    'subject: $[subject!|the subject]',
    'content: $[content!|the text]',
    '```',
  ].join('\n'),
};
const event = { customer: 'Åse <ase@example.com>', subject: 'Bestilling 17 – på vei', content: 'Den er **på vei**.\n' };

const configOf = (relay, more = []) =>
  ['[mail]', `relay = "${relay.url}"`, 'from = "Shop <shop@example.com>"', ...more].join('\n');

// What the call came to in a run of the demo bot, which fills the ability from the event.
async function outcomeOf(server, body = event) {
  const api = server.api();
  const skillsetId = await api.createSkillset([ability]);
  const trigger = await api.createTrigger({ botId: await api.createBot({ skillsetId }) });
  await api.ended(await api.fire(trigger, { body: JSON.stringify(body) }));
  const [conversation] = await api.conversationsOf(trigger.id);
  const [called] = activities(await api.messages(conversation.id), 'response', ability.name);
  return called.result;
}

test('a mail arrives as it was meant', async (t) => {
  const relay = await startSmtp(t);
  const server = await startServer(t, { config: configOf(relay) });
  const result = await outcomeOf(server);
  assert.equal(result.status, 'success', JSON.stringify(result));
  const [mail] = await relay.told('mail');
  assert.deepEqual(mail.to, ['ase@example.com']);
  const parsed = parseMail(mail);
  assert.equal(parsed.subject, event.subject);
  assert.deepEqual(parsed.from, [['Shop', 'shop@example.com']]);
  assert.deepEqual(parsed.to, [['Åse', 'ase@example.com']]);
  assert.equal(parsed.messageId, result.messageId);
  assert.equal(parsed.parts[0].text, event.content);
  assert.match(parsed.parts[1].text, /<strong>på vei<\/strong>/);
  assert.deepEqual(parsed.defects, []);
});

test('what is put off is tried again, and what is refused is told', async (t) => {
  const relay = await startSmtp(t, {
    data: [[451, 'Try later'], [250, 'Queued']],
    recipients: { 'nobody@example.com': [550, 'No such user'] },
  });
  const server = await startServer(t, { config: configOf(relay) });
  assert.equal((await outcomeOf(server)).status, 'success');
  assert.equal((await relay.told('mail', 2)).length, 2);

  const refused = await outcomeOf(server, { ...event, customer: 'nobody@example.com' });
  assert.equal(refused.outcome, 'refused');
  assert.equal(refused.refusals[0].recipient, 'nobody@example.com');
  assert.match(refused.error, /550 .*No such user/);

  const injected = await outcomeOf(server, { ...event, subject: 'Hi\r\nBcc: eve@example.com' });
  assert.match(injected.error, /subject holds a line break/);
  assert.equal(relay.mails.length, 2, 'no other mail was sent');
});

test('a login goes over TLS only, and its password is nowhere to be read', async (t) => {
  const password = 'relay-password-0123456789';
  const login = { user: 'shop', password };
  const relay = await startSmtp(t, { tls: 'starttls', login });
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const ca = path.join(folder.path, 'ca.pem');
  await writeFile(ca, relay.certificate);
  const start = async (url, given) => {
    const server = await startServer(t, {
      config: configOf({ url }, ['user = "shop"', `ca_file = "${ca}"`]),
      env: { BELLPULL_MAIL_PASSWORD: given },
    });
    server.protect(given);
    return server;
  };
  assert.equal((await outcomeOf(await start(relay.url, password))).status, 'success');
  const [mail] = await relay.told('mail');
  assert.equal(mail.secure, true);
  assert.equal(mail.user, 'shop');

  const wrong = await outcomeOf(await start(relay.url, 'another-password-987'));
  assert.equal(wrong.cause, 'login');
  assert.doesNotMatch(JSON.stringify(wrong), /another-password/);

  const plain = await startSmtp(t, { login });
  const without = await outcomeOf(await start(plain.url, password));
  assert.equal(without.cause, 'tls');
  assert.equal(plain.events.filter((one) => one.event === 'login').length, 0, 'the password was not said');
});

test('a server without a relay says what to set, and one with half of it does not start', async (t) => {
  const server = await startServer(t);
  assert.match((await outcomeOf(server)).error, /no mail relay: its operator declares one with mail.relay/);
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const half = await run(['serve', '--listen', '127.0.0.1:0', '--data', folder.path, '--mail-relay', 'smtp://127.0.0.1']);
  assert.equal(half.code, 2, half.stderr);
  assert.match(half.stderr, /mail.from: is missing/);
});
