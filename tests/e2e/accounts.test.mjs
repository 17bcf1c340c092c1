// Two accounts on one server, and tokens that may do less than everything.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { exchangeOnceAdmitted } from './support/raw_http.mjs';
import { useServer } from './support/server.mjs';

const stage = useServer();

// {api, bot, skillset, ability, trigger, event, run, conversation, message, contact}
async function furnish(api) {
  const skillset = await api.createSkillset([{ name: 'note', description: 'Notes', instruction: '```echo\nhi\n```' }]);
  const [ability] = (await api.get(`/skillset/${skillset}/ability/list`)).items;
  const bot = await api.createBot({ skillsetId: skillset });
  const trigger = await api.createTrigger({ botId: bot });
  const event = await api.ended(await api.fire(trigger, { query: { 'contact.email': 'ann@example.com' }, body: 'x' }));
  const [message] = await api.messages(event.conversationId);
  const [contact] = (await api.get('/contact/list')).items;
  return {
    api, bot, skillset, ability: ability.id, trigger, event: event.id, run: event.runId,
    conversation: event.conversationId, message: message.id, contact: contact.id,
  };
}

describe('two accounts', () => {
  let ann;
  let bob;
  before(async () => {
    ann = await furnish(stage.api);
    const { token } = await stage.api.post('/account/create', { name: 'Bob' });
    assert.match(token, /^sk-[0-9a-f]{64}$/);
    bob = await furnish(stage.server.api(token));
  });

  test('each sees only its own in every list', async () => {
    for (const kind of ['bot', 'skillset', 'contact', 'conversation', 'integration/trigger', 'event/inbox']) {
      const [mine, theirs] = await Promise.all([ann, bob].map(async ({ api }) => (await api.get(`/${kind}/list`)).items));
      assert.ok(mine.length > 0 && theirs.length > 0, kind);
      const ids = new Set(mine.map((item) => item.id));
      assert.ok(theirs.every((item) => !ids.has(item.id)), kind);
    }
    assert.notEqual(ann.contact, bob.contact, 'one e-mail, two contacts');
  });

  test("another's resource is forbidden, and nothing of it is told", async () => {
    const paths = [
      `/bot/${ann.bot}`,
      `/skillset/${ann.skillset}`,
      `/integration/trigger/${ann.trigger.id}`,
      `/contact/${ann.contact}`,
      `/conversation/${ann.conversation}`,
    ];
    for (const path of paths) {
      for (const [method, verb] of [['GET', 'fetch'], ['POST', 'update'], ['POST', 'delete']]) {
        const reply = await bob.api.call(method, `${path}/${verb}`, { body: method === 'GET' ? undefined : { name: 'stolen' } });
        assert.equal(reply.status, 403, `${path}/${verb}`);
        assert.equal(reply.body.code, 'NOT_AUTHORIZED');
        assert.doesNotMatch(reply.text, /Test|ann@/);
      }
      assert.notEqual((await ann.api.get(`${path}/fetch`)).name, 'stolen');
    }
    for (const verb of ['invoke', 'setup']) {
      assert.equal((await bob.api.call('POST', `/integration/trigger/${ann.trigger.id}/${verb}`, { body: {} })).status, 403);
    }
    assert.equal((await bob.api.call('GET', `/skillset/${ann.skillset}/ability/list`)).status, 403);
    assert.equal((await bob.api.call('GET', `/conversation/${ann.conversation}/message/list`)).status, 403);
  });

  test("another's events, runs and messages do not exist", async () => {
    const missing = [
      ['GET', `/event/inbox/${ann.event}/fetch`],
      ['POST', `/event/inbox/${ann.event}/cancel`],
      ['GET', `/run/${ann.run}/fetch`],
      ['GET', `/run/${ann.run}/step/list`],
      ['POST', `/run/${ann.run}/cancel`],
      ['GET', `/conversation/${bob.conversation}/message/${ann.message}/fetch`],
      ['GET', `/skillset/${bob.skillset}/ability/${ann.ability}/fetch`],
    ];
    for (const [method, path] of missing) {
      const reply = await bob.api.call(method, path, { body: method === 'GET' ? undefined : {} });
      assert.equal(reply.status, 404, path);
      assert.equal(reply.body.code, 'NOT_FOUND');
    }
  });

  test("another's resource cannot be referred to", async () => {
    const attempts = [
      ['/integration/trigger/create', { name: 'x', botId: ann.bot }],
      ['/bot/create', { name: 'x', skillsetId: ann.skillset }],
      ['/conversation/create', { botId: ann.bot }],
      ['/conversation/create', { contactId: ann.contact }],
      [`/integration/trigger/${bob.trigger.id}/update`, { botId: ann.bot }],
    ];
    for (const [path, body] of attempts) {
      assert.equal((await bob.api.call('POST', path, { body })).status, 403, path);
    }
  });

  test('an alias belongs to its account', async () => {
    await ann.api.post(`/bot/${ann.bot}/update`, { alias: 'helper' });
    await bob.api.post(`/bot/${bob.bot}/update`, { alias: 'helper' });
    assert.equal((await ann.api.get('/bot/@helper/fetch')).id, ann.bot);
    assert.equal((await bob.api.get('/bot/@helper/fetch')).id, bob.bot);
  });

  test('only an administrator deals with accounts', async () => {
    assert.equal((await bob.api.call('POST', '/account/create', { body: { name: 'Eve' } })).status, 403);
    assert.equal((await bob.api.call('GET', '/account/list')).status, 403);
    const names = (await ann.api.get('/account/list')).items.map((account) => account.name);
    assert.ok(names.includes('Bob'));
  });

  test('a disabled account is locked out until it is enabled again', async () => {
    const { id, token } = await stage.api.post('/account/create', { name: 'Carl' });
    const carl = stage.server.api(token);
    await carl.get('/bot/list');
    const trigger = await carl.createTrigger();
    const answer = async (sender) => (await carl.send(sender, { body: 'x' })).status;
    assert.equal(await answer(trigger), 200);
    await stage.api.post(`/account/${id}/disable`);
    assert.equal((await carl.call('GET', '/bot/list')).status, 401);
    for (const round of ['looked up', 'known']) {
      assert.equal(await answer({ id: trigger.id }), 401, `a stranger is told nothing of the account: ${round}`);
      assert.equal(await answer(trigger), 403, round);
    }
    await stage.api.post(`/account/${id}/enable`);
    await carl.get('/bot/list');
    assert.equal(await answer(trigger), 200);
  });

  test('an event that is on its way when its account is disabled is not taken', async () => {
    const { id, token } = await stage.api.post('/account/create', { name: 'Dora' });
    const trigger = await stage.server.api(token).createTrigger();
    const head = `POST /v1/integration/trigger/${trigger.id}/event HTTP/1.1\r\nHost: h\r\nConnection: close\r\n` +
      `Authorization: Bearer ${trigger.secret}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
    const reply = await exchangeOnceAdmitted(stage.server.port, head, async () => {
      await stage.api.post(`/account/${id}/disable`);
      return 'xy';
    });
    assert.equal(reply.status, 403);
    assert.equal(JSON.parse(reply.text).code, 'NOT_AUTHORIZED');
  });
});

describe('tokens', () => {
  const issue = async (fields) => {
    const made = await stage.api.post('/token/create', fields);
    return { ...made, api: stage.server.api(made.token) };
  };

  test('nobody gets in without one that is known', async () => {
    for (const token of [null, 'sk-', `sk-${'0'.repeat(64)}`, stage.server.adminToken.slice(0, -1), `${stage.server.adminToken}0`]) {
      const reply = await stage.server.api(token).call('GET', '/bot/list');
      assert.equal(reply.status, 401);
      assert.equal(reply.body.code, 'NOT_AUTHENTICATED');
    }
  });

  test('one that may only read cannot write', async () => {
    const reader = await issue({ name: 'reader', scopes: ['read'] });
    await reader.api.get('/bot/list');
    const reply = await reader.api.call('POST', '/bot/create', { body: { name: 'x' } });
    assert.equal(reply.status, 403);
    assert.equal(reply.body.code, 'NOT_AUTHORIZED');
  });

  test('one without secrets:read sees no secret', async () => {
    const trigger = await stage.api.createTrigger();
    const blind = await issue({ name: 'blind', scopes: ['read', 'write'] });
    const path = `/integration/trigger/${trigger.id}/fetch`;
    assert.equal((await stage.api.get(path)).secret, trigger.secret);
    assert.equal((await blind.api.get(path)).secret, null);
    const listed = (await blind.api.get('/integration/trigger/list')).items;
    assert.ok(listed.length > 0 && listed.every((item) => item.secret === null));
  });

  test('one cannot make another that may do more', async () => {
    const writer = await issue({ name: 'writer', scopes: ['read', 'write'] });
    const reply = await writer.api.call('POST', '/token/create', { body: { scopes: ['admin'] } });
    assert.equal(reply.status, 403);
  });

  test('a deleted one is refused at once', async () => {
    const token = await issue({ name: 'short-lived' });
    await token.api.get('/bot/list');
    await stage.api.post(`/token/${token.id}/delete`);
    assert.equal((await token.api.call('GET', '/bot/list')).status, 401);
  });

  test('the choice of timestamps travels with the token; a header overrules it', async () => {
    const bot = await stage.api.createBot();
    const { api } = await issue({ name: 'numbers', timestamps: 'ms' });
    assert.equal(typeof (await api.get(`/bot/${bot}/fetch`)).createdAt, 'number');
    const asked = await api.call('GET', `/bot/${bot}/fetch`, { headers: { 'x-timestamps': 'iso' } });
    assert.equal(typeof asked.body.createdAt, 'string');
  });

  test('no list ever shows a token', async () => {
    const { id, token } = await issue({ name: 'hidden' });
    const reply = await stage.api.call('GET', '/token/list');
    assert.ok(reply.body.items.some((item) => item.id === id));
    assert.doesNotMatch(reply.text, new RegExp(`${token}|"token"`));
  });
});
