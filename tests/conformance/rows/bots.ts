import assert from 'node:assert/strict';

import { extended } from '../support/extend.ts';
import { assertRefused } from '../support/requests.ts';
import { outOfScope, type Family, type Row } from '../support/row.ts';
import { missing, type Stage } from '../support/stage.ts';
import { usualRows } from '../support/usual.ts';
import { wrong } from '../support/wrong.ts';

const usual = usualRows({
  base: '/bot', parameter: 'botId', sdk: 'bot', hasAlias: true,
  client: (sdk) => sdk.bot,
  sample: {},
  full: async ({ sdk, unique }: Stage) => ({
    alias: unique('bot'), name: 'Bot', description: 'D', backstory: 'B', model: 'builtin/demo',
    skillsetId: (await sdk.skillset.create({})).id, privacy: true, visibility: 'protected' as const, meta: { a: { b: 1 } },
  }),
  beside: () => ({ datasetId: null, blueprintId: null, moderation: false }),
  change: { name: 'Renamed', meta: { c: true }, moderation: true },
  refused: async () => [
    ['BAD_REQUEST', wrong({ name: 7 })],
    ['BAD_REQUEST', { name: 'é'.repeat(96) }],
    ['BAD_REQUEST', wrong({ visibility: 'secret' })],
    ['BAD_REQUEST', wrong({ privacy: 'yes' })],
    ['BAD_REQUEST', { meta: { _reserved: 1 } }],
    ['NOT_FOUND', { skillsetId: missing }],
    ['NOT_FOUND', { blueprintId: missing }],
  ],
});

const clone: Row = {
  http: 'POST /bot/{botId}/clone', standing: 'same',
  check: async ({ sdk, api }) => {
    const { id } = await sdk.bot.create({ name: 'Original', backstory: 'B', visibility: 'public', meta: { a: 1 } });
    const { id: copy } = await api.post(`/bot/${id}/clone`);
    assert.notEqual(copy, id);
    const { name, backstory, visibility, meta } = await sdk.bot.fetch(copy);
    assert.deepEqual({ name, backstory, visibility, meta }, { name: 'Original', backstory: 'B', visibility: 'private', meta: { a: 1 } });
  },
};

const memory: Row = {
  http: 'POST /bot/{botId}/memory/search', body: { search: 'x' }, standing: 'differs', why: 'always empty: what bots keep in mind (`memory/create`) is theirs',
  check: async ({ sdk, api }) => {
    const { id } = await sdk.bot.create({});
    assert.deepEqual((await api.post(`/bot/${id}/memory/search`, { search: 'tea' })).items, []);
  },
};

const usage: Row = {
  http: 'GET /bot/{botId}/usage/fetch', standing: 'same',
  check: async ({ sdk, api }) => {
    const { id } = await sdk.bot.create({});
    const { tokens, conversations, messages } = await api.get(`/bot/${id}/usage/fetch`);
    assert.deepEqual({ tokens, conversations, messages }, { tokens: 0, conversations: 0, messages: 0 });
    assert.equal((await api.call('GET', `/bot/${id}/usage/fetch`, { query: { from: 'yesterday' } })).status, 400);
  },
};

// Whatever refers to it loses it.
const detaches = async ({ sdk }: Stage) => {
  const { id } = await sdk.bot.create({});
  const { id: trigger } = await sdk.integration.trigger.create({ botId: id });
  const { id: conversation } = await sdk.conversation.create(wrong({ botId: id }));
  await sdk.bot.delete(id);
  assert.equal((await sdk.integration.trigger.fetch(trigger)).botId, null);
  const { botId } = (await sdk.conversation.fetch(conversation)) as { botId?: string | null };
  assert.equal(botId, null);
  await assertRefused('BAD_REQUEST', () => sdk.integration.trigger.setup(trigger));
};

const votes = 'votes are not kept';
export const bots: Family = {
  name: 'bot',
  rows: [
    ...extended(usual, 'POST /bot/{botId}/delete', detaches), clone, memory, usage,
    outOfScope('POST /bot/{botId}/upvote', votes, 'bot.upvote(id,req)', (sdk, id) => sdk.bot.upvote(id('botId'), {})),
    outOfScope('POST /bot/{botId}/downvote', votes, 'bot.downvote(id,req)', (sdk, id) => sdk.bot.downvote(id('botId'), {})),
    outOfScope('POST /bot/{botId}/session/create', 'no chat with a person', 'bot.session.create(botId,req)',
      (sdk, id) => sdk.bot.session.create(id('botId'), {})),
  ],
};
