// The API's description and its pages: what is committed is what the binary says, and what it says
// is true.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { curlOf, pagesOf, textOf, variableOf } from '../../tools/api_pages.mjs';
import { eventually } from './support/eventually.mjs';
import { useServer } from './support/server.mjs';

const stage = useServer();
const docs = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/api');
const again = 'run `tools/api-docs` and look at the difference';
const handwritten = new Set(['README.md', 'compatibility.md']);

async function fetchDescription() {
  const reply = await fetch(new URL('/openapi.json', stage.server.url));
  assert.equal(reply.status, 200);
  return reply.json();
}

async function operations() {
  const { paths } = await fetchDescription();
  return Object.entries(paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path: template, method, operation })));
}

test('the committed description is the one that is served', async () => {
  assert.equal(await readFile(path.join(docs, 'openapi.json'), 'utf8'), textOf(await fetchDescription()), again);
});

test('the committed pages are those of the description', async () => {
  const pages = pagesOf(await fetchDescription());
  for (const [name, text] of pages) {
    assert.equal(await readFile(path.join(docs, name), 'utf8').catch(() => ''), text, `${name}: ${again}`);
  }
  const committed = (await readdir(docs)).filter((name) => name.endsWith('.md') && !handwritten.has(name));
  assert.deepEqual(committed.sort(), [...pages.keys()].sort());
});

test('every operation is where the description says', async () => {
  for (const { path: template, method, operation } of await operations()) {
    const url = new URL(template.replaceAll(/\{\w+\}/g, 'nope'), stage.server.url);
    const reply = await fetch(url, { method: 'DELETE' });
    assert.equal(reply.status, 405, `${template} is no path of the server`);
    const allowed = reply.headers.get('allow').split(', ');
    assert.ok(allowed.includes(method.toUpperCase()), `${method} ${template}`);
    if (operation.security.length > 0 && !operation.security.some((way) => Object.keys(way).length === 0)) {
      assert.equal((await fetch(url, { method: method.toUpperCase() })).status, 401, `${method} ${template} without a token`);
    }
  }
});

// The ids of one of each kind, as variables of the shell, for the examples of the pages.
async function makeVariables() {
  const { api } = stage;
  const bot = await api.createBot();
  const skillset = await api.createSkillset([]);
  const ability = await api.post(`/skillset/${skillset}/ability/create`, { name: 'look' });
  const trigger = await api.createTrigger({ botId: bot });
  const contact = await api.post('/contact/create', { name: 'Ann' });
  const conversation = await api.post('/conversation/create', { name: 'Talk', contactId: contact.id });
  const message = await api.post(`/conversation/${conversation.id}/message/create`, { type: 'user', text: 'Hi' });
  const token = await api.post('/token/create', { name: 'spare' });
  const account = await api.post('/account/create', { name: 'Other' });
  const secret = await api.post('/secret/create', { name: 'Mail', kind: 'personal', type: 'bearer' });
  await api.post(`/contact/${contact.id}/secret/${secret.id}/update`, { value: 'theirs' });
  const blueprint = await api.post('/blueprint/create', { name: 'Set' });
  const dataset = await api.post('/dataset/create', { name: 'Hours' });
  const record = await api.post(`/dataset/${dataset.id}/record/create`, { text: 'Open from 10 to 16' });
  const file = await api.post('/file/create', { name: 'hours.txt' });
  await api.post(`/file/${file.id}/upload`, { file: 'data:text/plain,Open' });
  await api.post(`/dataset/${dataset.id}/file/${file.id}/attach`, { type: 'source' });
  const job = await api.post('/event/inbox/bulk/replay', { filter: { state: 'dead' } });
  await api.post('/usage/price/set', { model: 'gpt-5.4', inputMicros: 1, outputMicros: 2 });
  return { botId: bot, skillsetId: skillset, abilityId: ability.id, triggerIntegrationId: trigger.id, contactId: contact.id, conversationId: conversation.id, messageId: message.id, tokenId: token.id, accountId: account.id, secretId: secret.id, datasetId: dataset.id, recordId: record.id, fileId: file.id, jobId: job.id, blueprintId: blueprint.id, triggerSecret: trigger.secret };
}

// What a run waits for.
async function approvalId() {
  const { api } = stage;
  const skillsetId = await api.createSkillset([{ name: 'ask', instruction: '```approval\nRefund?\n```' }]);
  const eventId = await api.fire(await api.createTrigger({ botId: await api.createBot({ skillsetId }) }), { body: '{}' });
  return eventually('it asks', async () => {
    const { runId, state } = await api.fetchEvent(eventId);
    if (state !== 'waiting') return null;
    return (await api.get('/approval/list', { runId })).items[0].id;
  });
}

async function eventOf({ triggerIntegrationId, triggerSecret }) {
  const sent = await fetch(new URL(`/v1/integration/trigger/${triggerIntegrationId}/event`, stage.server.url), {
    method: 'POST', headers: { authorization: `Bearer ${triggerSecret}` }, body: '{}',
  });
  const eventId = sent.headers.get('x-event-id');
  const { runId } = await stage.api.get(`/event/inbox/${eventId}/fetch?wait=30`);
  const { items: steps } = await stage.api.get(`/run/${runId}/step/list`);
  return { eventId, runId, stepId: steps[0].id };
}

test('every example of the pages runs as it stands', async () => {
  await stage.api.createBot({ alias: 'orders' }); // what some of the examples name
  const run = async (one) => {
    const variables = await makeVariables();
    // A personal secret has no value of its own.
    if (one.operation.operationId === 'secret.update') variables.secretId = (await stage.api.post('/secret/create', { name: 'Shop' })).id;
    if (one.path.includes('{approvalId}')) variables.approvalId = await approvalId();
    Object.assign(variables, await eventOf(variables));
    const env = { PATH: process.env.PATH, BELLPULL_URL: String(stage.server.url).replace(/\/$/, ''), BELLPULL_TOKEN: stage.server.adminToken };
    for (const [name, value] of Object.entries(variables)) env[variableOf(name)] = value;
    const done = spawnSync('sh', ['-uc', `${curlOf(one)} -o /dev/stderr -w '%{http_code}'`], { env, encoding: 'utf8', timeout: 60_000 });
    return { status: Number(done.stdout), text: done.stderr };
  };
  for (const one of await operations()) {
    // Nobody writes a link's signature by hand; and a subscription goes on until its reader leaves.
    if (one.operation['x-not-built'] || one.path.endsWith('/content') || one.path.endsWith('/page') || one.path.endsWith('/subscribe')) continue;
    const { status, text } = await run(one);
    // The run has ended, so there is nothing to cancel, and what became of its calls is known; and no secret has a page to authenticate at yet.
    const word = one.operation.operationId.split('.').at(-1);
    // The contacts of the merge are made up, and no erasure has begun.
    const isMissing = status === 404 && ['contact.merge', 'contact.erase.fetch'].includes(one.operation.operationId);
    const isRefused = isMissing || (status === 409 && ['cancel', 'retry', 'resolve'].includes(word)) || (status === 400 && word === 'authenticate');
    assert.ok(status === 200 || isRefused, `${one.operation.operationId}: ${status} ${text}\n${curlOf(one)}`);
  }
});
