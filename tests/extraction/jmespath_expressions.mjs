// Random JMESPath expressions, but for what the other implementation gets wrong (README.md).
import { names, texts } from './bodies.mjs';

const index = (random) => random.between(-4, 4);
const bound = (random) => (random.below(3) === 0 ? '' : String(index(random)));

function slice(random) {
  const step = random.below(2) === 0 ? '' : `:${random.one(['', '1', '2', '-1', '-2'])}`;
  return `[${bound(random)}:${bound(random)}${step}]`;
}

const literal = (random) => random.one([
  () => `'${random.one(texts)}'`,
  () => `\`${random.below(10)}\``,
  () => random.one(['`null`', '`true`', '`false`', '`[]`', '`{}`', '`"a"`', '`[1, 2, [3]]`', '`{"a": {"b": 1}}`']),
])();

const name = (random) => (random.below(6) === 0 ? `"${random.one(names)}"` : random.one(names));

const comparison = (random, depth) => {
  const [left, right] = [expression(random, depth - 1, true), expression(random, depth - 1, true)];
  if (random.below(2) === 0) return `${left} ${random.one(['==', '!='])} ${right}`;
  // The other one orders everything.
  const number = (text) => `type(${text.replace(/^@(?=.)/, 'not_null(@)')}) == 'number'`;
  return `${number(left)} && ${number(right)} && ${left} ${random.one(['<', '<=', '>', '>='])} ${right}`;
};

const condition = (random, depth) => random.one([
  () => comparison(random, depth),
  () => `!${expression(random, depth - 1, true)}`,
  () => expression(random, depth - 1),
  () => `${comparison(random, depth)} ${random.one(['&&', '||'])} ${comparison(random, depth)}`,
])();

const unary = ['abs', 'avg', 'ceil', 'floor', 'keys', 'length', 'max', 'min', 'reverse', 'sort', 'sum', 'to_array', 'to_number', 'to_string', 'type', 'values'];

// The other one ends an argument, and parentheses, behind an @ at their beginning.
const inside = (random, depth) => expression(random, depth).replace(/^@(?=.)/, random.one(names));

const call = (random, depth) => {
  const one = () => inside(random, depth - 1);
  return random.one([
    () => `${random.one(unary)}(${one()})`,
    () => `${random.one(unary)}(${one()})`,
    () => `${random.one(['sort_by', 'min_by', 'max_by'])}(${one()}, &${expression(random, 1)})`,
    () => `map(&${one()}, ${one()})`,
    () => `join('-', ${one()})`,
    () => `not_null(${one()}, ${one()})`,
    () => `merge(${one()}, ${one()})`,
    () => `${random.one(['starts_with', 'ends_with'])}(${one()}, '${random.one(texts.slice(1))}')`,
    () => `contains(${one()}, '${random.one(texts)}')`,
  ])();
};

const start = (random, depth) => random.one([
  () => name(random),
  () => name(random),
  () => name(random),
  () => '@',
  () => '*',
  () => literal(random),
  () => `[${random.one(['*', index(random)])}]`,
  () => '[]',
  () => slice(random),
  () => `[?${condition(random, depth)}]`,
  () => `[${expression(random, depth - 1)}, ${expression(random, depth - 1)}]`,
  () => `{x: ${expression(random, depth - 1)}, "y z": ${expression(random, depth - 1)}}`,
  () => `(${inside(random, depth - 1)})`,
  () => call(random, depth),
  () => call(random, depth),
])();

const step = (random, depth) => random.one([
  () => `.${name(random)}`,
  () => `.${name(random)}`,
  () => `.${name(random)}`,
  () => '.*',
  () => '[*]',
  () => '[]',
  () => `[${index(random)}]`,
  () => slice(random),
  () => `[?${condition(random, depth)}]`,
  () => `.[${expression(random, depth - 1)}, ${name(random)}]`,
  () => `.{x: ${expression(random, depth - 1)}}`,
])();

const operator = (random, depth) => `${random.one([' | ', ' || ', ' && '])}${expression(random, depth - 1)}`;

export function expression(random, depth, closed = false) {
  if (depth <= 0) return random.below(4) === 0 ? literal(random) : name(random);
  let text = start(random, depth);
  for (let steps = random.below(4); steps > 0; --steps) text += step(random, depth);
  if (random.below(4) === 0) text = closed ? `(${text.replace(/^@/, 'a')}${operator(random, depth)})` : text + operator(random, depth);
  return text;
}
