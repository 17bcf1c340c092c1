// One resource of each kind, named by its parameter in paths.
import type { ChatBotKit } from '@chatbotkit/sdk';

import { eventually } from '../../e2e/support/eventually.mjs';

type Maker = (sdk: ChatBotKit, other: (parameter: string) => Promise<string>) => Promise<string>;

const idOf = async (made: PromiseLike<{ id: string }>) => (await made).id;
const first = async (sdk: ChatBotKit, path: string) => {
  const page = (await sdk.clientFetch(`/api/v1${path}`)) as { items: { id: string }[] };
  return page.items[0]!.id;
};

export const makers: Record<string, Maker | undefined> = {
  botId: (sdk) => idOf(sdk.bot.create({})),
  skillsetId: (sdk) => idOf(sdk.skillset.create({})),
  abilityId: async (sdk, other) => idOf(sdk.skillset.ability.create(await other('skillsetId'), { name: 'a' })),
  triggerIntegrationId: async (sdk, other) => idOf(sdk.integration.trigger.create({ botId: await other('botId') })),
  contactId: (sdk) => idOf(sdk.contact.create({})),
  conversationId: (sdk) => idOf(sdk.conversation.create({})),
  messageId: async (sdk, other) =>
    idOf(sdk.conversation.message.create(await other('conversationId'), { type: 'user', text: 'x' })),
  datasetId: (sdk) => idOf(sdk.dataset.create({})),
  recordId: async (sdk, other) => idOf(sdk.dataset.record.create(await other('datasetId'), { text: 'x' })),
  fileId: (sdk) => idOf(sdk.file.create({})),
  secretId: (sdk) => idOf(sdk.secret.create({})),
  blueprintId: (sdk) => idOf(sdk.blueprint.create({})),
  tokenId: (sdk) => first(sdk, '/token/list'),
  eventId: async (sdk, other) => {
    await sdk.integration.trigger.invoke(await other('triggerIntegrationId'), {});
    return await first(sdk, '/event/inbox/list');
  },
  stepId: async (sdk, other) => {
    const run = await other('runId');
    await sdk.clientFetch(`/api/v1/run/${run}/fetch?wait=30`);
    return await first(sdk, `/run/${run}/step/list`);
  },
  jobId: async (sdk) => {
    const record = { filter: { state: 'dead' } };
    return await idOf(sdk.clientFetch('/api/v1/event/inbox/bulk/cancel', { method: 'POST', record }) as Promise<{ id: string }>);
  },
  approvalId: async (sdk) => {
    const skillsetId = await idOf(sdk.skillset.create({}));
    await sdk.skillset.ability.create(skillsetId, { name: 'ask', description: 'Asks', instruction: '```approval/expires=1h\nIs it?\n```' });
    const botId = await idOf(sdk.bot.create({ model: 'builtin/demo', skillsetId }));
    await sdk.integration.trigger.invoke(await idOf(sdk.integration.trigger.create({ botId })), {});
    return await eventually('a person is asked', async () => {
      const page = (await sdk.clientFetch('/api/v1/approval/list')) as { items: { id: string }[] };
      return page.items[0]?.id;
    });
  },
  runId: async (sdk, other) => {
    const event = await sdk.clientFetch(`/api/v1/event/inbox/${await other('eventId')}/fetch`);
    return (event as { runId: string }).runId;
  },
};
