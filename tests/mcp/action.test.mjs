// The action `mcp` in the real binary: a declared program is started by a bot's call, and ends with the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startServer } from '../e2e/support/server.mjs';
import { isAlive, peer } from './probe.mjs';

const block = (head, ...lines) => ['```' + head, ...lines, '```'].join('\n');

test('a bot calls a tool of a declared program', { timeout: 60_000 }, async (t) => {
  const config = [
    '[mcp.peer]', `command = [${JSON.stringify(process.execPath)}, ${JSON.stringify(peer('stdio.mjs'))}]`,
    'environment = { SECRET = "${PEER_SECRET}" }',
  ].join('\n');
  const server = await startServer(t, { config, env: { PEER_SECRET: 'correct-horse-battery' } });
  const api = server.api();
  const skillsetId = await api.createSkillset([
    { name: 'order', description: 'One order', instruction: block('mcp/server=peer', 'tool: orders_get', 'arguments:', '  id: $[id! num|number of the order]') },
    { name: 'surroundings', description: 'Its surroundings', instruction: block('mcp/server=peer', 'environment') },
    { name: 'broken', description: 'Fails', instruction: block('mcp/server=peer', 'fail') },
    { name: 'elsewhere', description: 'No such server', instruction: block('mcp/server=pear', 'fail') },
  ]);
  const trigger = await api.createTrigger({ botId: await api.createBot({ skillsetId }) });
  const event = await api.ended(await api.fire(trigger, { body: JSON.stringify({ id: 17 }), headers: { 'content-type': 'application/json' } }));
  const said = JSON.stringify(await api.steps(event.runId ?? event.run.id));
  assert.match(said, /"paid":true/);
  assert.match(said, /out of paper/);
  assert.match(said, /There is no MCP server pear; the declared ones are peer/);
  assert.match(said, /secretSize\\*":21/, 'the program has the secret that it was given');
  assert.ok(!said.includes('correct-horse-battery'), 'and nobody gets to read it');
  const pid = Number(said.match(/pid\\*":(\d+)/)[1]);
  assert.match(said, /data\/mcp\/peer/);
  assert.ok(isAlive(pid));
  await server.stop();
  assert.ok(!isAlive(pid));
  assert.match(server.log, /hello from the peer/);
  assert.ok(!server.log.includes('correct-horse-battery'));
});
