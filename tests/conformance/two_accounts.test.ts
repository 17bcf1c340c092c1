// Two accounts that have one of everything: whatever one of them asks, of whatever endpoint, with the
// other's ids, aliases, cursors and references, it is never shown, never changes and, where ids can be
// guessed, never even notices what is not its own. And tokens that may do less, or no longer anything.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { eventually } from '../e2e/support/eventually.mjs';
import type { Reply } from '../e2e/support/api.mjs';
import { useServer } from '../e2e/support/server.mjs';
import { anyBody, furnish, idsOf, portrait, type Account } from './support/account.ts';
import { allEndpoints, bodyReferences, kindOfReference } from './support/endpoints.ts';
import { fill, methodOf, parametersOf, pathOf, scopeOf, type Ids, type Row } from './support/row.ts';
import { missing, missingIds } from './support/stage.ts';

const used = useServer();
// Their ids follow each other, so another account's must not be told from one that does not exist.
const guessable = new Set(['eventId', 'runId', 'stepId', 'jobId', 'messageId']);

let ann: Account;
let bob: Account;
let endpoints: Row[];
let asItWas: Record<string, string>;
// An ordinary account: without admin.
async function open(name: string) {
  const { id, token } = await used.api.post('/account/create', { name });
  return await furnish(used.server.api(token), id);
}
const readable = () => endpoints.filter((row) => methodOf(row) === 'GET' && scopeOf(row) !== 'admin' && isBounded(row) && isOfAnAccount(row))
  .map((row) => fill(pathOf(row), idsOf(ann)));
// The server's clock goes on whoever asks.
const isOfAnAccount = (row: Row) => pathOf(row) !== '/system/info';
// A stream that stays open has no end to wait for.
const isBounded = (row: Row) => !pathOf(row).endsWith('/subscribe');

// Asks as `who`; a stream for what it begins with.
function ask(who: Account, row: Row, ids: Ids, query: Record<string, string> = {}): Promise<Reply> {
  const method = methodOf(row);
  const body = method === 'GET' ? {} : { body: anyBody(row) };
  return who.api.call(method, fill(pathOf(row), ids), { query, ...body, ...(isBounded(row) ? {} : { untilMs: 300 }) });
}

function assertSaysNothingOf(owner: Account, reply: Reply, about: string, sent = '') {
  assert.ok(!reply.text.includes(owner.marker), `${about} shows what another account wrote: ${reply.text.slice(0, 300)}`);
  assert.ok(!reply.text.includes(owner.trigger.secret) && !reply.text.includes(owner.secretValue), `${about} shows a secret`);
  for (const [parameter, id] of owner.ids) {
    assert.ok(sent.includes(id) || !reply.text.includes(`"${id}"`), `${about} shows another's ${parameter}`);
  }
}
const withoutRequestId = ({ status, body }: Reply) => ({ status, ...body, requestId: undefined });

describe('two accounts that have one of everything', () => {
  before(async () => {
    ann = await open('Ann');
    bob = await open('Bob');
    endpoints = (await allEndpoints(used.api)).filter((row) => !row.auth);
    asItWas = await portrait(ann, readable());
  });

  // Without this, a walk that shows nothing would prove nothing.
  test('its owner is shown it', () => {
    const shown = Object.entries(asItWas).filter(([, text]) => text.includes(ann.marker)).map(([path]) => path);
    for (const [parameter, id] of ann.ids) {
      if (parameter === 'accountId') continue; // only an administrator is told
      assert.ok(Object.values(asItWas).some((text) => text.includes(id)), `nothing shows Ann her own ${parameter}`);
    }
    assert.ok(shown.length >= 20, `only ${shown}`);
  });

  // What is missing here would be asked for with an id that nobody has: a line in support/account.ts.
  test('is all that a path can name', async () => {
    for (const row of endpoints.filter((one) => one.standing !== 'out of scope')) {
      const unknown = parametersOf(row).filter((name) => !ann.ids.has(name) || !bob.ids.has(name));
      if (unknown.length > 0) assert.equal((await ask(bob, row, missingIds)).status, 501, `${row.http}: there is no ${unknown}`);
    }
  });

  describe('what belongs to another account', () => {
    test('is refused by every endpoint that names it', async () => {
      for (const row of endpoints.filter((one) => parametersOf(one).length > 0)) {
        const path = fill(pathOf(row), idsOf(ann));
        const reply = await ask(bob, row, idsOf(ann));
        assertSaysNothingOf(ann, reply, row.http, path);
        if (reply.status === 501) continue;
        const [first] = parametersOf(row);
        const wanted = scopeOf(row) === 'admin' ? 403 : guessable.has(first!) ? 404 : 403;
        assert.equal(reply.status, wanted, `${methodOf(row)} ${path}: ${reply.text}`);
        assert.equal(reply.body.code, wanted === 403 ? 'NOT_AUTHORIZED' : 'NOT_FOUND');
        if (wanted === 404) assert.deepEqual(withoutRequestId(reply), withoutRequestId(await ask(bob, row, missingIds)), row.http);
      }
    });

    test('is not reached through what is one\'s own', async () => {
      for (const row of endpoints.filter((one) => parametersOf(one).length > 1)) {
        const parameters = parametersOf(row);
        const last = parameters.at(-1)!;
        const mixed: Ids = (name) => (name === last ? idsOf(ann)(name) : idsOf(bob)(name));
        const reply = await ask(bob, row, mixed);
        assertSaysNothingOf(ann, reply, row.http, fill(pathOf(row), mixed));
        if (reply.status === 501) continue;
        const isThere = guessable.has(last) ? [404] : [403, 404];
        assert.ok(isThere.includes(reply.status), `${row.http}: ${reply.status} ${reply.text}`);
      }
    });

    test('stands in no list, export or number, whatever it is filtered by', async () => {
      const references = [...ann.ids].flatMap(([name, id]) => [[name, id], [name.replace('IntegrationId', 'Id'), id]] as const);
      const { cursor } = await ann.api.get('/bot/list');
      const queries: Record<string, string>[] = [
        {}, { take: '1' }, { 'meta.marker': ann.marker }, { email: `${ann.marker}@example.com` }, { cursor },
        ...references.map(([name, id]) => ({ [name]: id })),
      ];
      for (const row of endpoints.filter((one) => methodOf(one) === 'GET' && /(list|export|fetch|search)$/.test(pathOf(one)))) {
        for (const query of queries) {
          const reply = await ask(bob, row, idsOf(bob), query);
          assertSaysNothingOf(ann, reply, `${row.http} ${JSON.stringify(query)}`, JSON.stringify(query));
          assert.ok(reply.status < 500 || reply.status === 501, `${row.http}: ${reply.text}`);
          if (reply.status === 501) break;
          if (Object.keys(query).some((name) => ann.ids.has(name)) && reply.status === 200 && Array.isArray(reply.body.items)) {
            const own = (await ask(bob, row, idsOf(bob))).body.items.length;
            assert.ok(reply.body.items.length === 0 || reply.body.items.length === own, `${row.http} ${JSON.stringify(query)}`);
          }
        }
      }
    });

    test('is found by no alias', async () => {
      const kinds = endpoints.filter((row) => /^GET .*Id\}\/fetch$/.test(row.http));
      for (const row of kinds) {
        const last = parametersOf(row).at(-1)!;
        for (const alias of [`@${ann.marker}`, `@@${ann.marker}`, `(${ann.marker})`, `%40${ann.marker}`]) {
          const reply = await ask(bob, row, (name) => (name === last ? alias : idsOf(bob)(name)));
          if (reply.status === 501) break;
          if (scopeOf(row) !== 'admin') assert.equal(reply.status, 404, `${row.http} ${alias}: ${reply.text}`);
          assert.ok(!reply.text.includes(`"${ann.marker}"`));
        }
      }
    });

    test('can be referred to by nothing', async () => {
      const references = await bodyReferences(used.api);
      assert.ok(references.length >= 40, `the description names only ${references.length}`);
      for (const { http, field } of references) {
        const row = endpoints.find((one) => one.http === http)!;
        const theirs = ann.ids.get(kindOfReference(field));
        if (!theirs) continue; // of what is not built, or no reference
        const body = { ...anyBody(row), ...ownReferences(http), [field]: theirs };
        const path = fill(pathOf(row), idsOf(bob));
        const reply = await bob.api.call('POST', path, { body });
        assertSaysNothingOf(ann, reply, `${http} with ${field}`, JSON.stringify(body));
        assert.ok([403, 404].includes(reply.status), `${http} took another's ${field}: ${reply.status} ${reply.text}`);
        if (reply.status === 404) {
          const unknown = await bob.api.call('POST', path, { body: { ...body, [field]: missing } });
          assert.deepEqual(withoutRequestId(reply), withoutRequestId(unknown), `${http}: ${field} tells that it is there`);
        }
      }
    });

    // What needs one of these is refused for the other's alone.
    const ownReferences = (http: string) => (http === 'POST /contact/merge' ? { fromId: idsOf(bob)('contactId'), intoId: idsOf(bob)('contactId') } :
      /trigger\/create$/.test(http) ? { botId: idsOf(bob)('botId') } : {});

    // By names that no description has either.
    test('is kept under no name that an endpoint does not know', async () => {
      const writers = endpoints.filter((row) => /^POST .*\/(create|update|ensure|upsert|clone|attach|replay)$/.test(row.http) && scopeOf(row) !== 'admin');
      for (const row of writers) {
        for (const [field, theirs] of ann.ids) {
          const body = { ...anyBody(row), ...(field === 'botId' ? {} : { botId: idsOf(bob)('botId') }), [field]: theirs };
          const path = fill(pathOf(row), idsOf(bob));
          const reply = await bob.api.call('POST', path, { body });
          if (reply.status === 501) break;
          assert.ok([200, 400, 403, 404, 409].includes(reply.status), `${row.http} with ${field}: ${reply.text}`);
          if (reply.status !== 200) continue;
          const made = path.replace(/(create|ensure)$/, `${reply.body.id}/fetch`).replace(/(update|upsert|clone|attach|replay)$/, 'fetch');
          const kept = await bob.api.call('GET', made);
          assert.ok(!kept.text.includes(theirs), `${row.http} kept another's ${field}`);
        }
      }
    });

    test('is meant by no filter of a job', async () => {
      for (const action of ['replay', 'cancel', 'delete-body']) {
        for (const [name, id] of [['triggerId', ann.trigger.id], ['conversationId', idsOf(ann)('conversationId')], ['botId', idsOf(ann)('botId')], ['contactId', idsOf(ann)('contactId')]]) {
          const reply = await bob.api.call('POST', `/event/inbox/bulk/${action}`, { body: { filter: { [name!]: id }, dryRun: true } });
          assert.deepEqual([reply.status, reply.body.count, reply.body.samples], [200, 0, []], `${action} by ${name}: ${reply.text}`);
        }
      }
    });

    test('comes in with no document', async () => {
      const path = `/blueprint/${idsOf(bob)('blueprintId')}/resource`;
      const resource = await bob.api.get(`${path}/export`);
      for (const [name, id] of ann.ids) {
        const own = idsOf(bob)(name);
        if (!JSON.stringify(resource).includes(own)) continue;
        const forged = JSON.parse(JSON.stringify(resource).replaceAll(own, id));
        const reply = await bob.api.call('POST', `${path}/import`, { body: { resource: forged } });
        assert.ok(!reply.text.includes(ann.marker), `${name}: ${reply.text.slice(0, 300)}`);
        const kept = await bob.api.call('GET', `${path}/list`);
        assert.ok(!kept.text.includes(ann.marker) && !kept.text.includes(`"${id}"`), `a document brought in another's ${name}`);
      }
    });

    test('is used by no token, secret or header of another', async () => {
      for (const row of endpoints) {
        for (const token of [ann.trigger.secret, bob.trigger.secret]) {
          const reply = await used.server.api(token).call(methodOf(row), fill(pathOf(row), idsOf(ann)), methodOf(row) === 'GET' ? {} : { body: anyBody(row) });
          assert.equal(reply.status, 401, `${row.http} by a trigger's secret`);
        }
      }
      const runAs = await bob.api.call('GET', `/bot/${idsOf(ann)('botId')}/fetch`, { headers: { 'x-runas-user-id': 'Ann' } });
      assert.equal(runAs.status, 401);
      const strangers = [bob.trigger.secret, '0'.repeat(64)];
      for (const secret of strangers) assert.equal((await bob.api.send({ id: ann.trigger.id, secret }, { body: 'x' })).status, 401);
    });

    // Last of its suite: after all of the above.
    test('is as it was', async () => {
      assert.deepEqual(await portrait(ann, readable()), asItWas);
    });
  });

  describe('a token', () => {
    const issue = async (fields: object) => {
      const made = await ann.api.post('/token/create', fields);
      return { ...made, account: { ...ann, api: used.server.api(made.token) } as Account };
    };

    test('does nothing that its scopes do not name', async () => {
      const all = ['read', 'write', 'secrets:read'];
      for (const scopes of [['read'], ['write'], ['secrets:read'], ['read', 'write'], ['write', 'secrets:read'], []]) {
        const { account } = await issue({ scopes });
        for (const row of endpoints) {
          const reply = await ask(account, row, missingIds);
          const needed = scopeOf(row);
          const about = `${row.http} with [${scopes}]: ${reply.status} ${reply.text}`;
          if (scopes.includes(needed)) assert.notEqual(reply.status === 403 && /scope/.test(reply.body.hint ?? ''), true, about);
          else assert.equal(reply.status, 403, about);
          if (!scopes.includes(needed)) assert.equal(reply.body.code, 'NOT_AUTHORIZED', about);
        }
      }
      assert.equal((await ann.api.call('POST', '/token/create', { body: { scopes: [...all, 'admin'] } })).status, 403);
    });

    test('without secrets:read is shown no secret', async () => {
      const { account } = await issue({ scopes: ['read', 'write'] });
      for (const row of endpoints.filter((one) => methodOf(one) === 'GET')) {
        const { text } = await ask(account, row, idsOf(ann));
        assert.ok(!text.includes(ann.trigger.secret), `${row.http} shows the trigger's secret`);
      }
    });

    test('with every scope is never shown the value of a secret', async () => {
      for (const row of endpoints.filter((one) => methodOf(one) === 'GET')) {
        const { text } = await ask(ann, row, idsOf(ann));
        assert.ok(!text.includes(ann.secretValue), `${row.http} shows a secret's value`);
      }
    });

    // Nowhere, whatever its scopes, and no sooner told what is there.
    const assertLockedOut = async (account: Account) => {
      for (const row of endpoints) {
        for (const ids of [idsOf(ann), missingIds]) {
          const reply = await ask(account, row, ids);
          assert.equal(reply.status, 401, row.http);
          assert.equal(reply.body.code, 'NOT_AUTHENTICATED');
        }
      }
    };

    test('is worth nothing once it has expired', async () => {
      const { account } = await issue({ expiresAt: Date.now() + 400 });
      await eventually('the token expires', async () => (await account.api.call('GET', '/bot/list')).status === 401);
      await assertLockedOut(account);
    });

    test('is worth nothing once it is deleted', async () => {
      const { account, id } = await issue({});
      await account.api.get('/bot/list');
      await ann.api.post(`/token/${id}/delete`);
      await assertLockedOut(account);
    });

    test('is worth nothing that was never issued', async () => {
      for (const token of [`sk-${'0'.repeat(64)}`, missing]) await assertLockedOut({ ...ann, api: used.server.api(token) });
    });
  });
});
