// Runs that have not ended, for what can be done only before they do.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import type { Api } from '../../e2e/support/api.mjs';
import { eventually } from '../../e2e/support/eventually.mjs';
import type { Stage } from './stage.ts';

// Takes requests and answers none.
const silent = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1').unref();
await once(silent, 'listening');
const silentPort = (silent.address() as AddressInfo).port;

// A server whose provider is not there (nobody listens on port 9), and that is in no hurry to ask it again.
export const slowToRetry = {
  config: `[retry]\nfirst_delay = "10m"\n[egress]\nallow = ["127.0.0.1:${silentPort}"]\n`,
  env: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OPENAI_API_KEY: 'sk-of-a-provider-that-is-not-there' },
};

// Events of a trigger that is paused: the first one, which is queued and stays so.
export async function hold({ api }: Stage, count = 1) {
  const trigger = await api.createTrigger();
  await api.post(`/integration/trigger/${trigger.id}/pause`);
  const [id] = await Promise.all(Array.from({ length: count }, () => api.fire(trigger, { body: 'x' })));
  const { runId } = await api.get(`/event/inbox/${id}/fetch`);
  return { trigger, id: id!, runId: runId as string, state: 'queued' };
}

// An event whose run is between its first attempt and its second.
export async function retrying({ api }: Stage) {
  const trigger = await api.createTrigger({ botId: await api.createBot({ model: 'gpt-5.4' }) });
  const id = await api.fire(trigger, { body: 'x' });
  return eventually('it is between two attempts', async () => {
    const event = await api.get(`/event/inbox/${id}/fetch`);
    return event.state === 'retrying' && (event as { id: string; runId: string });
  });
}

// The step of a call that was sent and not answered, in a run that has ended since.
export async function unknownCall({ api }: Stage) {
  const instruction = `\`\`\`fetch\nPOST http://127.0.0.1:${silentPort}/\n\nx\n\`\`\``;
  const skillsetId = await api.createSkillset([{ name: 'pay', description: 'Pays', instruction }]);
  const trigger = await api.createTrigger({ botId: await api.createBot({ skillsetId }) });
  const event = await api.ended(await api.fire(trigger, { body: '{}' }));
  const run = await api.get(`/run/${event.runId}/fetch`);
  return { runId: run.id as string, stepId: run.unknownCalls[0].stepId as string };
}

// The approval that a run waits for, of a trigger, a bot and a skillset that are all so named.
export async function asked(api: Api, about: { name: string }) {
  const skillset = await api.post('/skillset/create', about);
  const instruction = `\`\`\`approval/expires=1h\n${about.name}\n\`\`\``;
  await api.post(`/skillset/${skillset.id}/ability/create`, { ...about, instruction });
  const bot = await api.post('/bot/create', { ...about, model: 'builtin/demo', skillsetId: skillset.id });
  const trigger = await api.post('/integration/trigger/create', { ...about, botId: bot.id });
  await api.fire(trigger, { body: '{}' });
  return eventually('a person is asked', async () => {
    const { items } = await api.get('/approval/list', { triggerId: trigger.id });
    return items[0] as { id: string; runId: string; question: string };
  });
}
