/** Longer words are not compared: nobody means them, and the comparison takes time with the square of the length. */
const MAX_LENGTH = 64;

/**
 * The known word that a mistyped one most likely means, or undefined if none is near: at most a third of its letters (one at least, three at most)
 * wrong, missing, added or swapped with their neighbour. Case, `_`, `-` and spaces make no difference.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = bare(word);
  if (wanted.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of known) {
    const found = distance(wanted, bare(candidate), bestDistance);
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** `did you mean 'job'?`, or all known words if none is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean '${near}'?`;
  return known.length === 0 ? 'none is known' : `known are ${[...known].sort().join(', ')}`;
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[_\s-]/g, '');
}

/** Optimal string alignment: edits that turn `a` into `b`, a swap of neighbours being one. Anything from `limit` on comes out as `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (!same && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, at(beforeLast, j - 2) + 1);
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(limit, at(last, b.length));
}

/** Undefined lies outside of the table, where nothing can be reached. */
function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
