// The notify action beside Slack's own client: both talk to the same webhook, and what arrives is compared.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';

import { IncomingWebhook } from '@slack/webhook';

import { makeCaller } from './support/caller.mjs';
import { startServer } from './support/server.mjs';

// A webhook as Slack answers: "ok", or a word that says what is wrong. The path chooses: "/403/invalid_token".
async function startSlack(t) {
  const requests = [];
  const slack = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, status, word] = request.url.split('/');
    requests.push({ method: request.method, path: request.url, type: request.headers['content-type'], body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(Number(status), { 'content-type': 'text/plain', ...(status === '302' ? { location: '/200/ok' } : {}), ...(status === '429' ? { 'retry-after': '1' } : {}) });
    response.end(word);
  });
  slack.listen(0, '127.0.0.1');
  await once(slack, 'listening');
  t.after(() => slack.close());
  return { requests, host: `127.0.0.1:${slack.address().port}` };
}

async function stageFor(t) {
  const slack = await startSlack(t);
  const server = await startServer(t, { env: { BELLPULL_EGRESS_ALLOW: slack.host } });
  const api = server.api();
  const urlOf = (answer) => `http://${slack.host}${answer}`;
  const ours = async (answer) => {
    const { id: secretId } = await api.post('/secret/create', { name: 'Webhook', value: urlOf(answer) });
    server.protect(urlOf(answer));
    const call = await makeCaller(api, { secretId, instruction: '```notify/format=slack\nurl: ${SECRET_DEFAULT}\ntext: $[text!]\n```' }, ['text']);
    return async (text) => (await call({ text })).result;
  };
  return { slack, ours, theirs: (answer) => new IncomingWebhook(urlOf(answer)) };
}

// As Slack wants `&`, `<` and `>` in a text that is none of its markup; its client leaves that to who calls it.
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

test('Slack gets from notify what its own client sends', async (t) => {
  const { slack, ours, theirs } = await stageFor(t);
  const notify = await ours('/200/ok');
  for (const text of ['Order 17 is late', 'Tür „offen“ \u{1F514}', 'two\nlines\ttab', '*bold* _it_ `code` ~no~ :bell:', '"quotes" \\ and \u2028', '<!channel> a < b && c > d', '<@U1|ann> <https://example.com|here>', 'x'.repeat(40_000)]) {
    assert.deepEqual(await notify(text), { status: 'success', httpStatus: 200 });
    assert.deepEqual(await theirs('/200/ok').send(escaped(text)), { text: 'ok' });
    const [our, their] = slack.requests.splice(0);
    assert.deepEqual(our, their);
    assert.deepEqual(Object.keys(our.body), ['text']);
  }
});

test('what Slack refuses is refused for both, with its word, and neither asks twice', async (t) => {
  const { slack, ours, theirs } = await stageFor(t);
  for (const answer of ['/400/invalid_payload', '/403/invalid_token', '/404/no_service', '/410/channel_is_archived', '/429/rate_limited', '/500/rollup_error']) {
    const [, status, word] = answer.split('/');
    const result = await (await ours(answer))('Hello');
    const problem = await theirs(answer).send('Hello').catch((error) => error);
    assert.deepEqual([result.httpStatus, result.reply], [Number(status), word]);
    assert.deepEqual([problem.statusCode, problem.body], [Number(status), word], JSON.stringify(problem));
    const [our, their, ...more] = slack.requests.splice(0);
    assert.deepEqual(our, their);
    assert.deepEqual(more, []);
  }
});

test('neither follows a redirect', async (t) => {
  const { slack, ours, theirs } = await stageFor(t);
  assert.equal((await (await ours('/302/moved'))('Hello')).httpStatus, 302);
  await assert.rejects(theirs('/302/moved').send('Hello'));
  assert.deepEqual(slack.requests.map((one) => one.path), ['/302/moved', '/302/moved']);
});
