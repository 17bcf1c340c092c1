// A seeded source of numbers (mulberry32), so that a run can be repeated.
export class Random {
  #state;
  constructor(seed) { this.#state = seed >>> 0; }

  // From 0 to before `bound`.
  below(bound) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * bound);
  }
  between(low, high) { return low + this.below(high - low + 1); }
  one(items) { return items[this.below(items.length)]; }
}
