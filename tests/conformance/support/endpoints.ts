// Every endpoint there is to walk: the rows, and what the server's own description names beside them.
import type { Api } from '../../e2e/support/api.mjs';
import { families } from '../rows/all.ts';
import type { Row } from './row.ts';

const asRow = (http: string): Row => ({ http, standing: 'ours' });

// "GET /bot/{botId}/fetch" of an OpenAPI document, whichever prefix it writes.
export function endpointsOf(document: { paths: Record<string, object> }): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).filter((name) => /^(get|post|put|patch|delete)$/.test(name))
      .map((method) => `${method.toUpperCase()} ${path.replace(/^(\/api)?\/v1/, '')}`));
}

// Without the whole families that only answer 501, of which one path is as good as another.
export async function allEndpoints(api: Api): Promise<Row[]> {
  const rows = families.flatMap((family) => family.rows);
  const reply = await api.call('GET', '/openapi.json');
  if (reply.status !== 200) return rows;
  const known = new Set(rows.map((row) => row.http));
  return [...rows, ...endpointsOf(reply.body).filter((http) => http.includes('/') && !known.has(http)).map(asRow)];
}
