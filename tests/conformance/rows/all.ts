// The compatibility table, whole.
import { account } from './account.ts';
import { blueprints } from './blueprints.ts';
import { bots } from './bots.ts';
import { contacts } from './contacts.ts';
import { conversations } from './conversations.ts';
import { datasets } from './datasets.ts';
import { events } from './events.ts';
import { files } from './files.ts';
import { ourOwn } from './ours.ts';
import { secrets } from './secrets.ts';
import { skillsets } from './skillsets.ts';
import { triggers } from './triggers.ts';
import { unbuilt } from './unbuilt.ts';
import type { Family } from '../support/row.ts';

export const families: readonly Family[] = [
  triggers, bots, skillsets, datasets, blueprints, contacts, conversations, secrets, files, events, account, ourOwn, unbuilt,
];
