// Every endpoint that a token opens: the rows, and what the server's own description names beside them.
import type { Api } from '../../e2e/support/api.mjs';
import { families } from '../rows/all.ts';
import type { Row, Scope } from './row.ts';

type Operation = { security?: object[]; 'x-required-scope'?: Scope };

function operationsOf(document: { paths: Record<string, object> }): [string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([name]) => /^(get|post|put|patch|delete)$/.test(name))
      .map(([method, one]): [string, Operation] => [`${method.toUpperCase()} ${path.replace(/^(\/api)?\/v1/, '')}`, one as Operation]));
}

// "GET /bot/{botId}/fetch" of an OpenAPI document, whichever prefix it writes.
export function endpointsOf(document: { paths: Record<string, object> }): string[] {
  return operationsOf(document).map(([http]) => http);
}

const needsToken = ({ security = [] }: Operation) => security.length > 0;

// Those that a token opens: not the server's own, nor what a link is good for.
export function openedByToken(document: { paths: Record<string, object> }): string[] {
  return operationsOf(document).filter(([, one]) => needsToken(one)).map(([http]) => http);
}

// Without the whole families that only answer 501, of which one path is as good as another.
export async function allEndpoints(api: Api): Promise<Row[]> {
  const rows = families.flatMap((family) => family.rows);
  const reply = await api.call('GET', '/openapi.json');
  if (reply.status !== 200) return rows;
  const known = new Set(rows.map((row) => row.http));
  const others = operationsOf(reply.body).filter(([http, one]) => needsToken(one) && !known.has(http));
  return [...rows, ...others.map(([http, one]): Row => ({ http, standing: 'ours', scope: one['x-required-scope'] ?? 'read' }))];
}
