// An account that has one of everything, each thing with a text of its own in it, so that whoever is shown
// it can be found out.
import { randomBytes } from 'node:crypto';

import type { Api, Trigger } from '../../e2e/support/api.mjs';
import { eventually } from '../../e2e/support/eventually.mjs';
import { asked } from './pending.ts';
import { pathOf, type Ids, type Row } from './row.ts';
import { missing } from './stage.ts';

export interface Account {
  readonly api: Api;
  readonly marker: string;
  readonly trigger: Trigger;
  readonly secretValue: string;
  readonly ids: ReadonlyMap<string, string>; // by parameter
}

export const idsOf = (account: Account): Ids => (parameter) => account.ids.get(parameter) ?? missing;

// `api` is of an account of this id that has nothing yet.
export async function furnish(api: Api, accountId: string): Promise<Account> {
  const marker = `only-mine-${randomBytes(8).toString('hex')}`;
  const secretValue = `value-${randomBytes(8).toString('hex')}`;
  const about = { name: marker, description: marker, meta: { marker } };
  const ids = new Map([['accountId', accountId]]);
  const make = async (parameter: string, path: string, body: object) => {
    const made = await api.post(path, body);
    ids.set(parameter, made.id);
    return made;
  };

  const blueprint = await make('blueprintId', '/blueprint/create', { ...about, alias: marker });
  const inIt = { ...about, blueprintId: blueprint.id };
  const secret = await make('secretId', '/secret/create', { ...inIt, alias: marker, type: 'plain', value: secretValue });
  const file = await make('fileId', '/file/create', { ...inIt, alias: marker });
  await api.post(`/file/${file.id}/upload`, { file: `data:text/plain,${marker}` });
  const dataset = await make('datasetId', '/dataset/create', { ...inIt, alias: marker });
  await make('recordId', `/dataset/${dataset.id}/record/create`, { text: marker, source: marker, meta: { marker } });
  const skillset = await make('skillsetId', '/skillset/create', { ...inIt, alias: marker });
  const ability = { ...inIt, instruction: `\`\`\`echo\n${marker}\n\`\`\``, secretId: secret.id, alias: marker };
  await make('abilityId', `/skillset/${skillset.id}/ability/create`, ability);
  const bot = await make('botId', '/bot/create', { ...inIt, alias: marker, backstory: marker, model: 'builtin/demo', skillsetId: skillset.id });
  const trigger: Trigger = await make('triggerIntegrationId', '/integration/trigger/create', { ...inIt, alias: marker, botId: bot.id });
  await make('tokenId', '/token/create', { ...about, scopes: ['read'] });

  const query = { session: marker, 'contact.name': marker, 'contact.email': `${marker}@example.com` };
  const event = await api.ended(await api.fire(trigger, { query, body: marker }));
  ids.set('eventId', event.id);
  ids.set('runId', event.runId);
  ids.set('conversationId', event.conversationId);
  ids.set('contactId', (await api.get(`/conversation/${event.conversationId}/fetch`)).contactId);
  ids.set('stepId', (await api.get(`/run/${event.runId}/step/list`)).items[0].id);
  ids.set('approvalId', (await asked(api, about)).id);
  const job = await make('jobId', '/event/inbox/bulk/cancel', { filter: { triggerId: trigger.id, q: marker } });
  await eventually('the job is done', async () => (await api.get(`/job/${job.id}/fetch`)).state === 'done');
  await make('messageId', `/conversation/${event.conversationId}/message/create`, { ...about, type: 'user', text: marker });
  return { api, marker, trigger, secretValue, ids };
}

// A body that every endpoint can make something of, and that would leave its mark.
export function anyBody(row: Row): object {
  const path = pathOf(row);
  const body = { name: 'stolen', description: 'stolen', text: 'stolen', search: 'stolen', query: '{ bots { edges { node { id } } } }', value: 'stolen', resource: { resources: {} } };
  if (path.includes('/bulk/')) return { filter: {}, dryRun: true };
  if (path.includes('/message/')) return { ...body, type: 'user' };
  if (path.endsWith('/decide')) return { approve: true, note: 'stolen' };
  if (path.endsWith('/resolve')) return { outcome: 'done', note: 'stolen' };
  if (path.endsWith('/upload')) return { file: 'data:text/plain,stolen' };
  return body;
}

// Everything that the account can be shown of its own, as it is now.
export async function portrait(account: Account, readable: readonly string[]): Promise<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const path of readable) {
    const { text } = await account.api.call('GET', path);
    if (path.endsWith('/stats')) continue; // of a time that goes on
    shown[path] = text.replace(/"requestId":"[^"]*"/g, '').replace(/([?&](?:token|signature|expires)=)[^"&]*/g, '$1');
  }
  return shown;
}
