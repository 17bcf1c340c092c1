// Random JSON values, of few names and values, so that expressions often find something.
export const names = ['a', 'b', 'c', 'd'];
export const texts = ['', 'a', 'b', 'ab', 'abc', 'cab', 'x1', 'x22'];

export function randomScalar(random) {
  switch (random.below(8)) {
    case 0: return null;
    case 1: return random.below(2) === 0;
    case 2: return random.one([0.5, 1.25, 2.5]);
    case 3:
    case 4:
    case 5: return random.below(10);
    default: return random.one(texts);
  }
}

export function randomBody(random, depth = 4) {
  const kind = depth === 0 ? 9 : random.below(depth === 4 ? 8 : 11);
  const one = () => randomBody(random, depth - 1);
  if (kind < 4) return Object.fromEntries(names.filter(() => random.below(4) > 0).map((name) => [name, one()]));
  if (kind < 6) return Array.from({ length: random.below(5) }, one);
  // What filters and the functions on lists are for.
  if (kind === 6) return Array.from({ length: random.below(5) }, () => random.below(10));
  if (kind === 7) {
    return Array.from({ length: random.below(5) }, () => ({ a: random.below(10), b: random.one(texts), c: one() }));
  }
  return randomScalar(random);
}
