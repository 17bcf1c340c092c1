// The notify action: what a chat's webhook gets, and a signature that an independent library accepts.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { startServer } from './support/server.mjs';
import { startSink } from './support/sink.mjs';
import { activities } from './support/transcript.mjs';

async function stageFor(t) {
  const sink = await startSink();
  t.after(() => sink.stop());
  const server = await startServer(t, { config: ['[egress]', `allow = ["${sink.host}"]`].join('\n') });
  return { sink, server, api: server.api() };
}

// What the call came to in a run of the demo bot, which fills `text` from the event.
async function outcomeOf(api, lines, fields = {}) {
  const instruction = ['```notify', ...lines, 'text: $[text!|what to say]', '```'].join('\n');
  const skillsetId = await api.createSkillset([{ name: 'tell', description: 'Tells the text', instruction, ...fields }]);
  const trigger = await api.createTrigger({ botId: await api.createBot({ skillsetId }) });
  await api.ended(await api.fire(trigger, { body: JSON.stringify({ text: 'Tür <offen> & @everyone' }) }));
  const [conversation] = await api.conversationsOf(trigger.id);
  return activities(await api.messages(conversation.id), 'response', 'tell')[0].result;
}

test('each chat gets the text in the form that it reads', async (t) => {
  const { sink, api } = await stageFor(t);
  for (const format of ['slack', 'discord', 'teams']) {
    const result = await outcomeOf(api, [`url: ${sink.url}/${format}`, `format: ${format}`]);
    assert.deepEqual(result, { status: 'success', httpStatus: 200 });
  }
  const sent = (path) => JSON.parse(sink.at(path)[0].body);
  assert.deepEqual(sent('/slack'), { text: 'Tür &lt;offen&gt; &amp; @everyone' });
  assert.deepEqual(sent('/discord'), { content: 'Tür <offen> & @everyone', allowed_mentions: { parse: [] } });
  assert.equal(sent('/teams').attachments[0].content.body[0].text, 'Tür <offen> & @everyone');
});

test('a generic webhook is signed with a secret that nobody gets to read', async (t) => {
  const { sink, server, api } = await stageFor(t);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  server.protect(secret);
  const { id: secretId } = await api.post('/secret/create', { name: 'Signing', type: 'plain', kind: 'shared', value: secret });
  const lines = [`url: ${sink.url}/hook`, 'secret: ${SECRET_DEFAULT}'];
  assert.equal((await outcomeOf(api, lines, { secretId })).status, 'success');
  const [request] = sink.at('/hook');
  const verified = new Webhook(secret).verify(request.body, request.headers);
  assert.equal(verified.data.text, 'Tür <offen> & @everyone');
  assert.throws(() => new Webhook(secret).verify(`${request.body} `, request.headers));
  assert.doesNotMatch(request.body, /whsec_/);
});
