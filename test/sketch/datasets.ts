/** Generated values of the shapes that measurements have. */

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const DATASETS: Readonly<Record<string, (random: Random, i: number) => number>> = {
  constant: () => 42,
  linear: (_random, i) => i + 1,
  uniform: (random) => random() * 100,
  exponential: (random) => -Math.log(1 - random()) / 3,
  'latencies, log-normal': (random) => Math.exp(normal(random) * 1.5 - 5),
  'heavy tail, Pareto': (random) => 0.001 / (1 - random()) ** 2,
  'two peaks': (random) => (random() < 0.7 ? 0.002 : 1.5) * (1 + 0.2 * random()),
  'both signs': (random) => normal(random) * 1000,
  'negative only': (random) => -Math.exp(normal(random)),
  'with zeros': (random) => (random() < 0.3 ? 0 : normal(random)),
  'all doubles': (random) => (random() < 0.5 ? -1 : 1) * 2 ** (random() * 2046 - 1022),
  'powers of two': (random) => 2 ** Math.floor(random() * 40 - 20),
};

export const SIZES = [1, 2, 3, 5, 10, 100, 1000, 10_000];

export function dataset(name: string, size: number, seed = 1): number[] {
  const random = randomOf(seed * 7919 + size);
  const make = DATASETS[name]!;
  return Array.from({ length: size }, (_, i) => make(random, i));
}
