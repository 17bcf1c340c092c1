// One ability, called as often as a test wants with the arguments it wants: a bot that follows rules
// hands the event's fields on, as they are.
import assert from 'node:assert/strict';

import { activities } from './transcript.mjs';

// Gives an asynchronous function of the arguments, an object that has the fields `names`, and the
// options of Api.fire; its value is {result, event, messages}.
export async function makeCaller(api, ability, names, { bot = {}, mayBeRefused = false } = {}) {
  const skillsetId = await api.createSkillset([{ name: 'act', description: 'Does what the test is about', ...ability }]);
  const given = names.map((name) => `      ${name}: "{{ event.${name} }}"`);
  const backstory = ['rules:', '  - call: act', ...(given.length > 0 ? ['    with:', ...given] : []), '    on_error: continue'].join('\n');
  const botId = await api.createBot({ model: 'builtin/rules', backstory, skillsetId, ...bot });
  const trigger = await api.createTrigger({ botId });
  const call = async (values = {}, options = {}) => {
    const sent = await api.fire(trigger, { body: JSON.stringify(values), headers: { 'content-type': 'application/json' }, ...options });
    const event = await api.ended(sent);
    // What an instruction may not say keeps the rules from being followed at all.
    if (mayBeRefused && event.state === 'dead') return { result: { error: `${event.reason}: ${event.error}` }, event, messages: [] };
    assert.equal(event.state, 'succeeded', JSON.stringify(event));
    const messages = await api.messages(event.conversationId);
    return { result: activities(messages, 'response', 'act')[0].result, event, messages };
  };
  return Object.assign(call, { trigger, skillsetId, botId });
}

// The values of `work` for all items, a few at a time.
export async function forEach(items, work, atOnce = 16) {
  const results = [];
  for (let begin = 0; begin < items.length; begin += atOnce) {
    results.push(...(await Promise.all(items.slice(begin, begin + atOnce).map(work))));
  }
  return results;
}
