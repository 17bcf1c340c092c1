// What clients know and this server does not do.
import { outOfScope, type Family, type Row } from '../support/row.ts';

const task = 'scheduled triggers instead';
const channel = 'nothing is streamed to a person';
const partner = 'no child accounts; see `account` and `token`';

const families: Record<string, string> = {
  'integration/widget': 'no chat with a person',
  'integration/slack': 'no chat platforms',
  'integration/discord': 'no chat platforms',
  'integration/teams': 'no chat platforms',
  'integration/microsoftteams': 'no chat platforms',
  'integration/googlechat': 'no chat platforms',
  'integration/whatsapp': 'no chat platforms',
  'integration/messenger': 'no chat platforms',
  'integration/instagram': 'no chat platforms',
  'integration/telegram': 'no chat platforms',
  'integration/twilio': 'no telephony',
  'integration/email': 'no mailboxes',
  'integration/support': 'no help desk',
  'integration/extract': 'no extraction',
  'integration/sitemap': 'no crawling',
  'integration/notion': 'no imports',
  'integration/mcpserver': 'no tool server',
  'integration/skillserver': 'no tool server',
  portal: 'no hosted pages',
  space: 'no workspaces',
  memory: 'no memory',
  rating: 'votes are not kept',
  policy: 'no retention policies',
  magic: 'no text helpers',
  team: 'no teams',
  'platform/ability': 'no catalogues',
  'platform/action': 'no catalogues',
  'platform/secret': 'no catalogues',
  'platform/doc': 'no catalogues',
  'platform/manual': 'no catalogues',
  'platform/tutorial': 'no catalogues',
  'platform/guide': 'no catalogues',
  'platform/example': 'no catalogues',
  'platform/report': 'no catalogues',
};
const wholeFamilies: Row[] = Object.entries(families).flatMap(([path, why]) =>
  ['GET', 'POST'].map((method) => outOfScope(`${method} /${path}/{rest*}`, why)));

const channels: Row[] = [
  outOfScope('POST /channel/{channelId}/publish', channel, 'channel.publish(id,{message})', (sdk, id) => sdk.channel.publish(id('channelId'), { message: {} })),
  outOfScope('POST /channel/{channelId}/subscribe', channel, 'channel.subscribe(id,req?)', (sdk, id) => sdk.channel.subscribe(id('channelId')).stream().next()),
];

const tasks: Row[] = [
  outOfScope('GET /task/list', task, 'task.list(req?)', (sdk) => sdk.task.list()),
  outOfScope('GET /task/export', task, 'task.export(req?)', (sdk) => sdk.task.export().stream().next()),
  outOfScope('GET /task/{taskId}/fetch', task, 'task.fetch(id)', (sdk, id) => sdk.task.fetch(id('taskId'))),
  outOfScope('POST /task/create', task, 'task.create(req)', (sdk) => sdk.task.create({})),
  outOfScope('POST /task/{taskId}/update', task, 'task.update(id,req)', (sdk, id) => sdk.task.update(id('taskId'), {})),
  outOfScope('POST /task/{taskId}/delete', task, 'task.delete(id)', (sdk, id) => sdk.task.delete(id('taskId'))),
  outOfScope('POST /task/{taskId}/trigger', task, 'task.trigger(id)', (sdk, id) => sdk.task.trigger(id('taskId'))),
  outOfScope('POST /task/{taskId}/cancel', task, 'task.cancel(id)', (sdk, id) => sdk.task.cancel(id('taskId'))),
  outOfScope('POST /task/{taskId}/subscribe', task, 'task.subscribe(id,req?)', (sdk, id) => sdk.task.subscribe(id('taskId')).stream().next()),
  outOfScope('GET /task/{taskId}/execution/list', task, 'task.execution.list(tid,req?)', (sdk, id) => sdk.task.execution.list(id('taskId'))),
  outOfScope('POST /task/{taskId}/execution/{taskExecutionId}/cancel', task, 'task.execution.cancel(tid,eid)',
    (sdk, id) => sdk.task.execution.cancel(id('taskId'), id('taskExecutionId'))),
];

const partners: Row[] = [
  outOfScope('GET /partner/user/list', partner, 'partner.user.list(req?)', (sdk) => sdk.partner.user.list()),
  outOfScope('GET /partner/user/{userId}/fetch', partner, 'partner.user.fetch(id)', (sdk, id) => sdk.partner.user.fetch(id('userId'))),
  outOfScope('POST /partner/user/create', partner, 'partner.user.create(req)', (sdk) => sdk.partner.user.create({})),
  outOfScope('POST /partner/user/{userId}/update', partner, 'partner.user.update(id,req)', (sdk, id) => sdk.partner.user.update(id('userId'), {})),
  outOfScope('POST /partner/user/{userId}/delete', partner, 'partner.user.delete(id)', (sdk, id) => sdk.partner.user.delete(id('userId'))),
  outOfScope('GET /partner/user/{userId}/token/list', partner, 'partner.user.token.list(uid,req?)', (sdk, id) => sdk.partner.user.token.list(id('userId'))),
  outOfScope('POST /partner/user/{userId}/token/create', partner, 'partner.user.token.create(uid,req)',
    (sdk, id) => sdk.partner.user.token.create(id('userId'), {})),
  outOfScope('POST /partner/user/{userId}/token/{tokenId}/update', partner, 'partner.user.token.update(uid,tid,req)',
    (sdk, id) => sdk.partner.user.token.update(id('userId'), id('tokenId'), {})),
  outOfScope('POST /partner/user/{userId}/token/{tokenId}/delete', partner, 'partner.user.token.delete(uid,tid)',
    (sdk, id) => sdk.partner.user.token.delete(id('userId'), id('tokenId'))),
];

const graphql: Row = outOfScope('POST /graphql', 'so no Terraform provider', 'graphql.call({query,variables?,operationName?})',
  (sdk) => sdk.graphql.call({ query: '{ bots { edges { node { id } } } }' }));

export const unbuilt: Family = {
  name: 'what is not built',
  rows: [...channels, ...tasks, ...partners, graphql, ...wholeFamilies],
};
