// From logits to the character that is drawn: helpers/text/sampling.py, in JavaScript.

// Probabilities after the knobs: temperature, then top-k, then top-p.
export function probabilities(logits, { temperature = 1, top_k = Infinity, top_p = 1 } = {}) {
  const order = Array.from(logits, (_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b);
  const largest = logits[order[0]];
  const heated = order.map((i, rank) => (
    temperature > 0 ? (logits[i] - largest) / temperature : rank === 0 ? 0 : -Infinity));
  const first = normal(heated.map((value, rank) => (rank < top_k ? Math.exp(value) : 0)));
  let before = 0;
  const kept = first.map((p) => {
    const stays = before < top_p || top_p >= 1;
    before += p;
    return stays ? p : 0;
  });
  const result = new Float64Array(logits.length);
  normal(kept).forEach((p, rank) => { result[order[rank]] = p; });
  return result;
}

function normal(weights) {
  const total = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((one) => one / total);
}

export function entropy(p) {
  return p.reduce((bits, one) => (one > 0 ? bits - one * Math.log2(one) : bits), 0);
}

// The index that `chance`, a number in [0, 1), picks.
export function pickFrom(p, chance) {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    sum += p[i];
    if (chance < sum) return i;
  }
  return p.reduce((last, one, i) => (one > 0 ? i : last), 0);
}

// Equal seeds give equal numbers in [0, 1): mulberry32, by Tommy Ettinger.
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
