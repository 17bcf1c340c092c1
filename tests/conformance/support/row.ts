// One line of the compatibility table: an endpoint, who calls it, how it stands, and the proof.
//
// Rows are data: what is the same for all of them (who is turned away, and what is not built) is checked
// by refusals.ts from `http` and `call`; what is special about one is its `check`.
import type { ChatBotKit } from '@chatbotkit/sdk';

import type { Stage } from './stage.ts';

// How a built endpoint stands beside the hosted original: the same, different in what `why` says, or of
// our own making. `out of scope` is not meant to be built.
export type Standing = 'same' | 'differs' | 'ours' | 'out of scope';

// What stands for a parameter of the path.
export type Ids = (parameter: string) => string;

export interface Row {
  // "GET /bot/{botId}/fetch", without prefix. `{rest*}` stands for a whole family.
  readonly http: string;
  // "bot.fetch(id)": none when the client has no method for it.
  readonly sdk?: string;
  readonly standing: Standing;
  readonly why?: string;
  // The request as the client makes it, with a body that would be accepted; by default `body` is sent.
  readonly call?: (sdk: ChatBotKit, id: Ids) => PromiseLike<unknown>;
  readonly body?: object;
  // What another account is told of a resource that is not its own: "not yours", but "unknown" where ids
  // can be guessed.
  readonly foreign?: 'NOT_AUTHORIZED' | 'NOT_FOUND';
  // Who may call it is a matter of its own, and of `check`.
  readonly auth?: 'its own';
  // The scope that a token needs, when it is not the usual one of the method.
  readonly scope?: Scope;
  // Does what the endpoint is for, and is refused in every way that the contract documents.
  readonly check?: (stage: Stage) => Promise<void>;
}

export type Scope = 'read' | 'write' | 'secrets:read' | 'admin';

export interface Family {
  readonly name: string;
  readonly rows: readonly Row[];
}

export const methodOf = (row: Row) => row.http.slice(0, row.http.indexOf(' '));
export const pathOf = (row: Row) => row.http.slice(row.http.indexOf(' ') + 1);
export const scopeOf = (row: Row): Scope => row.scope ?? (methodOf(row) === 'GET' ? 'read' : 'write');
export const parametersOf = (row: Row) => [...pathOf(row).matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);

export const fill = (path: string, id: Ids) =>
  path.replace('{rest*}', 'list').replace(/\{(\w+)\}/g, (_, name: string) => id(name));

// Makes the row's request.
export function callOf(row: Row, sdk: ChatBotKit, id: Ids): PromiseLike<unknown> {
  if (row.call) return row.call(sdk, id);
  const path = `/api/v1${fill(pathOf(row), id)}`;
  return sdk.clientFetch(path, methodOf(row) === 'GET' ? {} : { method: methodOf(row), record: row.body ?? {} });
}

// A row that is only known, by name.
export const outOfScope = (http: string, why: string, sdk?: string, call?: Row['call']): Row =>
  ({ http, standing: 'out of scope', why, ...(sdk ? { sdk } : {}), ...(call ? { call } : {}) });
