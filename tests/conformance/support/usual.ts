// The five rows that every kind of resource has: list, fetch, create, update, delete.
import assert from 'node:assert/strict';

import type { ChatBotKit } from '@chatbotkit/sdk';

import { assertRefused, collect } from './requests.ts';
import type { Ids, Row } from './row.ts';
import { missing, type Stage } from './stage.ts';

export type Item = Record<string, unknown> & { id: string };
interface ListRequest {
  cursor?: string;
  order?: 'asc' | 'desc';
  take?: number;
  meta?: Record<string, string>;
}
interface Listing extends PromiseLike<unknown> {
  stream(): AsyncIterable<unknown>;
}

// The client of one kind, with the parents of a nested one already named.
export interface Client<Create, Update> {
  list(request?: ListRequest): Listing;
  fetch(id: string): PromiseLike<unknown>;
  create(request: Create): PromiseLike<{ id: string }>;
  update(id: string, request: Update): PromiseLike<{ id: string }>;
  delete(id: string): PromiseLike<{ id: string }>;
}

export interface Kind<Create, Update> {
  readonly base: string; // "/bot"; "/skillset/{skillsetId}/ability"
  readonly parameter: string; // "botId"
  readonly sdk: string; // "bot", as the contract names the client
  readonly arguments?: readonly [list: string, one: string, create: string]; // as the contract writes them
  readonly client: (sdk: ChatBotKit, id: Ids) => Client<Create, Update>;
  // What has to be there before one can be made: the parents, which are then what `client` asks for.
  readonly prepare?: (stage: Stage) => Promise<Record<string, string>>;
  // A request of the right shape; the least that makes one; and one that says everything that the client
  // can say. Without `least`, the sample is enough.
  readonly sample: NoInfer<Create>;
  readonly least?: (stage: Stage) => Promise<NoInfer<Create>>;
  readonly full: (stage: Stage) => Promise<NoInfer<Create>>;
  // What fetch gives for `full`, beside it: everything but id, createdAt and updatedAt.
  readonly beside: (id: Ids, given: NoInfer<Create>) => object;
  readonly never?: readonly string[]; // what is given and never shown
  readonly made?: readonly string[]; // what the server makes up
  readonly change: NoInfer<Update>;
  readonly refused: (stage: Stage) => Promise<readonly (readonly [string, NoInfer<Create>])[]>;
  readonly createdKeys?: readonly string[];
  readonly order?: 'asc' | 'desc'; // when the request does not say
  readonly hasAlias?: boolean;
  readonly notes?: Partial<Record<Verb, Pick<Row, 'standing' | 'why'>>>;
}
type Verb = 'list' | 'fetch' | 'create' | 'update' | 'delete';

export function usualRows<Create extends object, Update extends object>(kind: Kind<Create, Update>): Row[] {
  const { base, parameter, client } = kind;
  const one = `${base}/{${parameter}}`;
  const [listed, which, made] = kind.arguments ?? ['req?', 'id', 'req'];
  const row = (verb: Verb, http: string, given: string, call: NonNullable<Row['call']>, check: NonNullable<Row['check']>): Row => ({
    http, sdk: `${kind.sdk}.${verb}(${given})`, standing: 'same', ...kind.notes?.[verb], call, check,
  });
  const on = (check: (at: Bench<Create, Update>) => Promise<void>) => async (stage: Stage) => check(await Bench.of(kind, stage));
  const nothing = {} as Update;
  return [
    row('list', `GET ${base}/list`, listed, (sdk, id) => client(sdk, id).list(), on((at) => at.checkList())),
    row('fetch', `GET ${one}/fetch`, which, (sdk, id) => client(sdk, id).fetch(id(parameter)), on((at) => at.checkFetch())),
    row('create', `POST ${base}/create`, made, (sdk, id) => client(sdk, id).create(kind.sample), on((at) => at.checkCreate())),
    row('update', `POST ${one}/update`, `${which},req`, (sdk, id) => client(sdk, id).update(id(parameter), nothing), on((at) => at.checkUpdate())),
    row('delete', `POST ${one}/delete`, which, (sdk, id) => client(sdk, id).delete(id(parameter)), on((at) => at.checkDelete())),
  ];
}

// A kind on a stage, with its parents made.
class Bench<Create extends object, Update extends object> {
  readonly #kind: Kind<Create, Update>;
  readonly #stage: Stage;
  readonly #ids: Ids;
  readonly #client: Client<Create, Update>;

  private constructor(kind: Kind<Create, Update>, stage: Stage, ids: Ids) {
    this.#kind = kind;
    this.#stage = stage;
    this.#ids = ids;
    this.#client = kind.client(stage.sdk, ids);
  }

  static async of<C extends object, U extends object>(kind: Kind<C, U>, stage: Stage): Promise<Bench<C, U>> {
    const parents = (await kind.prepare?.(stage)) ?? {};
    return new Bench(kind, stage, (name) => parents[name] ?? missing);
  }

  async #fetch(id: string): Promise<Item> {
    return (await this.#client.fetch(id)) as Item;
  }
  async #page(request: ListRequest): Promise<{ items: Item[]; cursor?: string }> {
    return (await this.#client.list(request)) as { items: Item[]; cursor?: string };
  }
  async #least(): Promise<Create> {
    return (await this.#kind.least?.(this.#stage)) ?? this.#kind.sample;
  }
  async #make(): Promise<string> {
    return (await this.#client.create(await this.#least())).id;
  }

  // In a page, in the stream, on both sides of a cursor and in both orders: the same items, as fetch shows them.
  async checkList() {
    const ids = [await this.#make(), await this.#make(), await this.#make()];
    const newest = [...ids].reverse();
    const item = await this.#fetch(ids[2]!);
    const { items, cursor } = await this.#page({ take: 100, order: 'desc' });
    assert.deepEqual(items.slice(0, 3).map((one) => one.id), newest);
    assert.deepEqual(items[0], item);
    assert.equal(typeof cursor, 'string');

    const first = await this.#page({ take: 1, order: 'desc' });
    assert.deepEqual(first.items, [item]);
    const second = await this.#page({ take: 1, order: 'desc', cursor: first.cursor! });
    assert.deepEqual(second.items.map((one) => one.id), [ids[1]]);
    const oldest = await this.#page({ order: 'asc', take: 1 });
    const byDefault = await this.#page({ take: 1 });
    assert.deepEqual(byDefault, this.#kind.order === 'asc' ? oldest : first);

    const lines = (await collect(this.#client.list({ order: 'desc' }).stream())) as { type: string; data: Item }[];
    assert.ok(lines.every((line) => line.type === 'item'));
    assert.deepEqual(lines[0]!.data, item);
    await assertRefused('BAD_REQUEST', () => this.#client.list({ order: 'sideways' as 'asc' }));
    await assertRefused('BAD_REQUEST', () => this.#client.list({ cursor: 'not-a-cursor' }));
  }

  async checkFetch() {
    const given = await this.#kind.full(this.#stage);
    const { id } = await this.#client.create(given);
    const { createdAt, updatedAt, ...rest } = await this.#fetch(id);
    const shown = Object.fromEntries(Object.entries(given).filter(([name]) => !this.#kind.never?.includes(name)));
    for (const name of this.#kind.made ?? []) {
      assert.equal(typeof rest[name], 'string', name);
      delete rest[name];
    }
    assert.deepEqual(rest, { id, ...shown, ...this.#kind.beside(this.#ids, given) });
    for (const time of [createdAt, updatedAt]) assert.ok(this.#stage.isTime(time), `${time} as ${this.#stage.form}`);
    assert.ok(updatedAt! >= createdAt!);
  }

  async checkCreate() {
    const created = await this.#client.create(await this.#least());
    assert.deepEqual(Object.keys(created).sort(), [...(this.#kind.createdKeys ?? ['id'])].sort());
    for (const [code, request] of await this.#kind.refused(this.#stage)) {
      await assertRefused(code, () => this.#client.create(request), JSON.stringify(request).slice(0, 200));
    }
    if (this.#kind.hasAlias) await this.#checkAlias();
  }

  // One name in one account and one kind.
  async #checkAlias() {
    const alias = this.#stage.unique('alias');
    const least = await this.#least();
    const { id } = await this.#client.create({ ...least, alias });
    assert.equal((await this.#fetch(`@${alias}`)).id, id);
    await assertRefused('CONFLICT', () => this.#client.create({ ...least, alias }));
    await assertRefused('BAD_REQUEST', () => this.#client.create({ ...least, alias: 'Not An Alias' }));
    const other = await this.#make();
    await assertRefused('CONFLICT', () => this.#client.update(other, { alias } as unknown as Update));
    await this.#client.update(id, { alias: '' } as unknown as Update);
    await this.#client.update(other, { alias } as unknown as Update);
    assert.equal((await this.#fetch(`@${alias}`)).id, other, 'an alias that was given up is free');
  }

  async checkUpdate() {
    const { id } = await this.#client.create(await this.#kind.full(this.#stage));
    const before = await this.#fetch(id);
    const { change } = this.#kind;
    assert.equal((await this.#client.update(id, change)).id, id);
    const { updatedAt, ...after } = await this.#fetch(id);
    const { updatedAt: since, ...expected } = { ...before, ...change };
    assert.deepEqual(after, expected, 'an update changes what it names and nothing else');
    assert.ok(updatedAt! >= since!);
    assert.equal((await this.#client.update(id, {} as Update)).id, id);
    // What was fetched can be edited and posted back: the rest of it is what it was.
    const fetched = await this.#fetch(id);
    await this.#client.update(id, fetched as unknown as Update);
    assert.deepEqual({ ...(await this.#fetch(id)), updatedAt: null }, { ...fetched, updatedAt: null });
    await assertRefused('BAD_REQUEST', () => this.#client.update(id, { meta: 'text' } as unknown as Update));
  }

  async checkDelete() {
    const id = await this.#make();
    assert.deepEqual(await this.#client.delete(id), { id });
    for (const call of [() => this.#client.fetch(id), () => this.#client.update(id, {} as Update), () => this.#client.delete(id)]) {
      await assertRefused('NOT_FOUND', call);
    }
    const { items } = await this.#page({ take: 100, order: 'desc' });
    assert.ok(items.every((one) => one.id !== id));
  }
}
