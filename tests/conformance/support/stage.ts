// Where rows are checked: one server, the official client of its owner in one form of timestamps, and the
// others who are to be turned away.
import { ChatBotKit } from '@chatbotkit/sdk';
import { randomBytes } from 'node:crypto';

import type { Api } from '../../e2e/support/api.mjs';
import type { Server } from '../../e2e/support/server.mjs';
import { makers } from './makers.ts';
import type { Ids } from './row.ts';

export const forms = ['iso', 'ms'] as const;
export type Form = (typeof forms)[number];

// Has the form of an id, and belongs to nobody.
export const missing = 'nope_0000000000000000';
export const missingIds: Ids = () => missing;

export class Stage {
  readonly server: Server;
  readonly form: Form;
  readonly sdk: ChatBotKit;
  readonly api: Api;
  // Another account's; and this account's, with a token that may only read.
  readonly stranger: ChatBotKit;
  readonly reader: ChatBotKit;
  readonly #foreign = new Map<string, Promise<string>>();

  private constructor(server: Server, form: Form, strangerToken: string, readerToken: string) {
    this.server = server;
    this.form = form;
    this.api = server.api();
    this.sdk = this.with(server.adminToken);
    this.stranger = this.with(strangerToken);
    this.reader = this.with(readerToken);
  }

  static async on(server: Server, form: Form): Promise<Stage> {
    const admin = server.api();
    const { token: stranger } = await admin.post('/account/create', { name: `Stranger ${form}` });
    const { token: reader } = await admin.post('/token/create', { name: 'reader', scopes: ['read'] });
    return new Stage(server, form, stranger, reader);
  }

  with(secret: string, options: object = {}): ChatBotKit {
    const headers: Record<string, string> = this.form === 'ms' ? { 'x-timestamps': 'ms' } : {};
    return new ChatBotKit({ secret, baseUrl: this.server.url, headers, ...options });
  }

  isTime(value: unknown): boolean {
    if (this.form === 'ms') return Number.isInteger(value) && Number(value) > 1_600_000_000_000;
    return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
  }

  // Text that stands nowhere else on the server.
  readonly unique = (what: string): string => `${what}-${this.form}-${randomBytes(8).toString('hex')}`;

  // The stranger's resource of this kind.
  foreign(parameter: string): Promise<string> {
    let made = this.#foreign.get(parameter);
    if (!made) {
      made = this.#make(parameter);
      this.#foreign.set(parameter, made);
    }
    return made;
  }

  async #make(parameter: string): Promise<string> {
    const make = makers[parameter];
    if (!make) throw new Error(`nobody knows how to make what ${parameter} names: a line in support/makers.ts`);
    return await make(this.stranger, (needed) => this.foreign(needed));
  }
}
