// Every endpoint that a token opens: the rows, and what the server's own description names beside them.
import type { Api } from '../../e2e/support/api.mjs';
import { families } from '../rows/all.ts';
import type { Row, Scope } from './row.ts';

type Operation = {
  security?: object[];
  'x-required-scope'?: Scope;
  requestBody?: { content: Record<string, { schema?: Schema }> };
};

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

// The path parameter whose resource a field of a body names: "linkedBotId" is a botId.
export function kindOfReference(field: string): string {
  if (field === 'fromId' || field === 'intoId') return 'contactId';
  return field.replace(/^linked(.)/, (_, letter: string) => letter.toLowerCase());
}

type Schema = { $ref?: string; properties?: Record<string, Schema>; anyOf?: Schema[]; allOf?: Schema[]; oneOf?: Schema[] };

// Every field of a body that names a resource, as the server's own description has it.
export async function bodyReferences(api: Api): Promise<{ http: string; field: string }[]> {
  const document = (await api.call('GET', '/openapi.json')).body;
  const fieldsOf = (schema: Schema): string[] => {
    const place = schema.$ref?.split('/').slice(1);
    if (place) return fieldsOf(place.reduce((node, name) => node[name], document));
    const parts = [...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.oneOf ?? [])];
    return [...Object.keys(schema.properties ?? {}), ...parts.flatMap(fieldsOf)];
  };
  return operationsOf(document).filter(([, one]) => needsToken(one) && !('x-not-built' in one)).flatMap(([http, one]) => {
    const schema = one.requestBody?.content['application/json']?.schema ?? {};
    return [...new Set(fieldsOf(schema))].filter((field) => /Id$/.test(field)).map((field) => ({ http, field }));
  });
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
