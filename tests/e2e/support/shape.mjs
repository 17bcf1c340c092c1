// What of an exchange a description can speak of, as one short text: two exchanges of one shape are both as
// described, or neither is.
//
// Kept: names, kinds, statuses, words, and how long and of which characters everything else is. Lost: which
// digits and random letters an id, a time or a text has, and how often a list repeats an item of one shape.
import { createHash } from 'node:crypto';

const longestWord = 40;

// Ids, times and numbers, and what is too long to be a word.
function shapeOfWord(word) {
  if (word.length <= longestWord && !/[0-9]/.test(word)) return word;
  const kinds = [/[a-z]/, /[A-Z]/, /_/, /-/].map((kind, i) => (kind.test(word) ? 'aA_-'[i] : '')).join('');
  return `<${kinds}${word.length}>`;
}
export const shapeOfText = (text) => text.replace(/[A-Za-z0-9_-]+/g, shapeOfWord);

// What is small is as it is, because that is where limits are.
function shapeOfNumber(number) {
  if (Number.isInteger(number) && Math.abs(number) < 10) return String(number);
  return `${number < 0 ? '-' : ''}${Number.isInteger(number) ? 'i' : 'f'}${Math.trunc(Math.abs(number)).toString().length}`;
}

function shapeOfList(list) {
  const items = [...new Set(list.map(shapeOfValue))].sort();
  return `[${list.length < 10 ? list.length : `${String(list.length).length} digits`}:${items.join()}]`;
}

export function shapeOfValue(value) {
  if (typeof value === 'string') return JSON.stringify(shapeOfText(value));
  if (typeof value === 'number') return shapeOfNumber(value);
  if (Array.isArray(value)) return shapeOfList(value);
  if (value === null || typeof value !== 'object') return String(value);
  const parts = Object.entries(value).map(([name, one]) => `${JSON.stringify(shapeOfText(name))}:${shapeOfValue(one)}`);
  return `{${[...new Set(parts)].sort().join()}}`;
}

// Of what is no JSON, a description says which media type it has, and whether it is there.
function shapeOfBody(bytes, type = '') {
  if (!/^application\/json\b/i.test(type)) return bytes.length > 0 ? 'bytes' : 'none';
  try {
    return shapeOfValue(JSON.parse(bytes.toString()));
  } catch {
    return 'broken';
  }
}

const shapeOfHeaders = (headers) => shapeOfValue({ ...headers, date: undefined });

// `request`: {method, url, headers}; `reply`: {statusCode, headers}; `sent` and `received` are their bytes.
export function shapeOf(request, sent, reply, received) {
  const parts = [
    request.method, shapeOfText(request.url), shapeOfHeaders(request.headers), shapeOfBody(sent, request.headers['content-type']),
    reply.statusCode, shapeOfHeaders(reply.headers), shapeOfBody(received, reply.headers['content-type']),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('base64');
}
