// The tools of our own peers, on the SDK that speaks both eras.
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';

const object = (properties, required = []) => fromJsonSchema({ type: 'object', properties, required });
const text = (said) => ({ content: [{ type: 'text', text: said }] });

export function makeServer() {
  const server = new McpServer({ name: 'bellpull-peer', version: '1.0.0' });
  const add = (name, description, inputSchema, run) => server.registerTool(name, { description, inputSchema }, run);
  add('orders_get', 'One order', object({ id: { type: 'integer' }, region: { type: 'string', 'x-mcp-header': 'Region' } }, ['id']),
    ({ id, region }) => ({ ...text(`order ${id} of ${region ?? 'nowhere'}`), structuredContent: { id, paid: true } }));
  add('fail', 'Always fails', object({}), () => ({ ...text('out of paper'), isError: true }));
  add('large', 'More than a model can take', object({ bytes: { type: 'integer' } }), ({ bytes }) => text('é'.repeat(bytes / 2)));
  add('slow', 'Takes its time', object({ ms: { type: 'integer' } }), async ({ ms }, context) => {
    await new Promise((done) => {
      setTimeout(done, ms);
      context?.mcpReq?.signal?.addEventListener('abort', () => { process.stderr.write('slow was canceled\n'); done(); });
    });
    return text('done');
  });
  add('die', 'Ends the process', object({}), () => process.exit(3));
  add('environment', 'What the process was given', object({}), () =>
    text(JSON.stringify({ variables: Object.keys(process.env).sort(), secret: process.env.SECRET, secretSize: process.env.SECRET?.length, directory: process.cwd(), pid: process.pid })));
  return server;
}
