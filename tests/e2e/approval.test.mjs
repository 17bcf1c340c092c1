// Runs that ask people: the question outlives a crash, and the answer wakes the run.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { eventually } from './support/eventually.mjs';
import { newToken, startServer, temporaryFolder, useServer } from './support/server.mjs';

const publicUrl = 'https://bell.example.com';
const config = `[api]\npublic_url = "${publicUrl}"`;
const stage = useServer({ config });

// A bot that asks what the event says.
async function asker(api, options = '') {
  const skillsetId = await api.createSkillset([
    { name: 'ask', description: 'Asks a person', instruction: `\`\`\`approval/expires=1h${options}\n$[question!|what to ask]\n\`\`\`` },
  ]);
  const botId = await api.createBot({ skillsetId });
  return api.createTrigger({ name: 'Refunds', botId });
}

const ask = (api, trigger, question = 'Refund 90?') => api.fire(trigger, { body: JSON.stringify({ question }) });

// The approval, once its run waits.
const asked = (api, eventId) =>
  eventually('the run waits', async () => {
    const event = await api.fetchEvent(eventId);
    if (event.state !== 'waiting') return null;
    return (await api.get('/approval/list', { runId: event.runId })).items[0];
  });

const here = (server, link) => server.url + link.slice(publicUrl.length);
const answer = (server, link, form) => fetch(here(server, link), { method: 'POST', body: new URLSearchParams(form) });

test('a question outlives kill -9, and a yes lets the run go on', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const options = { data: path.join(folder.path, 'data'), adminToken: newToken(), config };
  const first = await startServer(t, options);
  const eventId = await ask(first.api(), await asker(first.api()));
  const before = await asked(first.api(), eventId);
  assert.equal(before.question, 'Refund 90?');
  first.signal('SIGKILL');
  await first.exited;

  const second = await startServer(t, options);
  const api = second.api();
  assert.equal((await api.fetchEvent(eventId)).state, 'waiting');
  assert.deepEqual(await api.get(`/approval/${before.id}/fetch`), before);
  await api.post(`/approval/${before.id}/decide`, { approve: true, note: 'go on' });
  const event = await api.ended(eventId);
  assert.equal(event.state, 'succeeded', event.reason ?? event.error);
  const result = (await api.steps(event.runId)).find((step) => step.kind === 'result');
  assert.equal(result.data.result.approved, true);
  assert.equal(result.data.result.note, 'go on');
  assert.equal((await api.get('/approval/list', { state: 'approved' })).items.length, 1);
  const again = await api.call('POST', `/approval/${before.id}/decide`, { body: { approve: false } });
  assert.equal(again.status, 409);
});

// A paused trigger keeps its run from going on, so that the crash comes between the two.
test('a decision outlives kill -9 before the run has gone on, and counts once', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const options = { data: path.join(folder.path, 'data'), adminToken: newToken(), config };
  const first = await startServer(t, options);
  const trigger = await asker(first.api());
  const eventId = await ask(first.api(), trigger);
  const { id } = await asked(first.api(), eventId);
  await first.api().post(`/integration/trigger/${trigger.id}/pause`);
  await first.api().post(`/approval/${id}/decide`, { approve: true });
  first.signal('SIGKILL');
  await first.exited;

  const second = await startServer(t, options);
  const api = second.api();
  assert.equal((await api.get(`/approval/${id}/fetch`)).state, 'approved');
  assert.equal((await api.fetchEvent(eventId)).state, 'waiting');
  await api.post(`/integration/trigger/${trigger.id}/resume`);
  const event = await api.ended(eventId);
  assert.equal(event.state, 'succeeded', event.reason ?? event.error);
  assert.equal((await api.steps(event.runId)).filter((step) => step.kind === 'result').length, 1);
});

test('a no by the link ends the run as failed; looking at the link decides nothing', async () => {
  const { api, server } = stage;
  const eventId = await ask(api, await asker(api), '<script>alert(1)</script>');
  const { id, link } = await asked(api, eventId);
  assert.equal((await fetch(here(server, link), { method: 'HEAD' })).status, 200);
  const shown = await fetch(here(server, link));
  assert.equal(shown.status, 200);
  assert.match(shown.headers.get('content-security-policy'), /^default-src 'none'/);
  assert.ok(!(await shown.text()).includes('<script'));
  assert.equal((await fetch(here(server, `${link.slice(0, -1)}${link.endsWith('0') ? 1 : 0}`))).status, 403);
  assert.equal((await api.get(`/approval/${id}/fetch`)).state, 'pending');

  const page = await answer(server, link, { approve: 'false', note: 'too much' });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<h1>Refused<\/h1>/);
  const event = await api.ended(eventId);
  assert.equal(event.state, 'failed');
  assert.equal(event.reason, 'Not approved: refused by link: too much');
  assert.equal((await answer(server, link, { approve: 'true' })).status, 409);
});

test('a no that the instruction wants told is told', async () => {
  const { api, server } = stage;
  const eventId = await ask(api, await asker(api, '/onRefusal=tell'));
  const { link } = await asked(api, eventId);
  assert.equal((await answer(server, link, { approve: 'false' })).status, 200);
  assert.equal((await api.ended(eventId)).state, 'succeeded');
});

test('a canceled run leaves nothing to decide', async () => {
  const { api } = stage;
  const eventId = await ask(api, await asker(api));
  const { id } = await asked(api, eventId);
  await api.post(`/event/inbox/${eventId}/cancel`);
  assert.equal((await api.get(`/approval/${id}/fetch`)).state, 'void');
  assert.equal((await api.call('POST', `/approval/${id}/decide`, { body: { approve: true } })).status, 409);
});
