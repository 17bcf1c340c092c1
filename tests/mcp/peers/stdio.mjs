import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { makeServer } from './tools.mjs';

process.stdout.write('a banner that is no message\n');
process.stderr.write('hello from the peer\n');
serveStdio(makeServer);
