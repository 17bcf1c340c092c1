// Random JSONPath queries (RFC 9535), but for what the other implementation gets wrong (README.md).
import { names, texts } from './bodies.mjs';

const index = (random) => random.between(-4, 4);
const bound = (random) => (random.below(3) === 0 ? '' : String(index(random)));
const blank = (random) => (random.below(6) === 0 ? ' ' : '');
const quoted = (random, text) => (random.below(2) === 0 ? `'${text}'` : `"${text}"`);
const patterns = ['a.*', '[a-c]+', '(a|x)b?', 'x[0-9]{1,2}', '.', 'c?ab', '[^a]+', '\\\\p{L}+'];

// How many relative paths, and calls of functions, the text that is written stands in.
let relatives = 0;
let calls = 0;

const root = (random) => (relatives > 0 ? '@' : random.one(['@', '@', '@', '$']));

function inCall(name, write) {
  ++calls;
  const text = `${name}(${write()})`;
  --calls;
  return text;
}

const matched = (random) => {
  const text = singular(random);
  return `${text} >= '' && ${random.one(['match', 'search'])}(${text},${blank(random)}${quoted(random, random.one(patterns))})`;
};

const singular = (random) => {
  let text = root(random);
  for (let steps = random.below(3); steps > 0; --steps) {
    text += random.one([() => `.${random.one(names)}`, () => `[${quoted(random, random.one(names))}]`, () => `[${index(random)}]`])();
  }
  return text;
};

const value = (random, depth) => random.one([
  () => singular(random),
  () => singular(random),
  () => String(random.below(10)),
  () => random.one(['1.0', '2.5', '1e0', '-1', 'true', 'false', 'null']),
  () => quoted(random, random.one(texts)),
  () => `length(${singular(random)})`,
  () => inCall('count', () => relative(random, depth - 1)),
  () => inCall('value', () => relative(random, depth - 1)),
])();

const test = (random, depth) => random.one([
  () => relative(random, depth - 1),
  () => `!${relative(random, depth - 1)}`,
  () => `${value(random, depth)}${blank(random)}${random.one(['==', '!=', '<', '<=', '>', '>='])}${blank(random)}${value(random, depth)}`,
  () => `${value(random, depth)} ${random.one(['==', '!=', '<', '<=', '>', '>='])} ${value(random, depth)}`,
  () => matched(random),
  () => `${random.one(['', '!'])}(${logical(random, depth - 1)})`,
])();

const logical = (random, depth) => {
  if (depth <= 0) return `${singular(random)} == ${random.below(10)}`;
  let text = test(random, depth);
  for (let more = random.below(5); more > 2; --more) text += ` ${random.one(['&&', '||'])} ${test(random, depth)}`;
  return text;
};

const selector = (random, depth) => random.one([
  () => quoted(random, random.one(names)),
  () => '*',
  () => String(index(random)),
  () => `${bound(random)}:${bound(random)}${random.below(2) === 0 ? '' : `:${random.one(['', '1', '2', '-1', '-2', '0'])}`}`,
  () => `?${blank(random)}${logical(random, depth)}`,
  () => `?${logical(random, depth)}`,
])();

const bracket = (random, depth) => {
  let text = selector(random, depth);
  for (let more = random.below(4); more > 2 && calls === 0; --more) text += `,${blank(random)}${selector(random, depth)}`;
  return `[${text}]`;
};

const segment = (random, depth) => random.one([
  () => `.${random.one(names)}`,
  () => `.${random.one(names)}`,
  () => '.*',
  () => bracket(random, depth),
  () => bracket(random, depth),
  () => `..${random.one([random.one(names), '*', bracket(random, depth)])}`,
])();

const path = (random, start, depth) => {
  let text = start;
  if (depth <= 0) return `${text}.${random.one(names)}`;
  if (start === '@') ++relatives;
  for (let steps = random.between(1, 3); steps > 0; --steps) text += blank(random) + segment(random, depth);
  if (start === '@') --relatives;
  return text;
};

const relative = (random, depth) => path(random, root(random), depth);

export const query = (random) => path(random, '$', 2);
