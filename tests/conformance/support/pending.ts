// Runs that have not ended, for what can be done only before they do.
import { eventually } from '../../e2e/support/eventually.mjs';
import type { Stage } from './stage.ts';

// A server whose provider is not there (nobody listens on port 9), and that is in no hurry to ask it again.
export const slowToRetry = {
  config: '[retry]\nfirst_delay = "10m"\n',
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
