// What the conformance suite runs: its last argument is the judging server's URL.
import { withProbe } from './probe.mjs';

const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const legacy = (process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '') < '2026';

const calls = {
  tools_call: [['add_numbers', { a: 5, b: 3 }]],
  'sse-retry': [['test_reconnection', {}]],
  'http-standard-headers': [['test_headers', {}], ['my-hyphenated-tool', {}]],
  'http-custom-headers': (context.toolCalls ?? []).map(({ name, arguments: given }) => [name, given]),
};

await withProbe([process.argv.at(-1)], legacy ? { era: 'legacy' } : {}, async (probe) => {
  const { tools, failure } = await probe.list();
  if (failure) throw new Error(failure);
  // Where the scenario is about which tools are offered, or about several: all that are.
  for (const [tool, given] of calls[scenario] ?? tools.map(({ name }) => [name, { region: 'eu', value: 'x' }])) {
    console.log(tool, JSON.stringify(await probe.call(tool, given)));
  }
});
