import { misuse } from '../diagnostics/misuse.js';
import { checkKnownKeys, describe, expectPositive, expectWhole, invalidOption } from '../diagnostics/options.js';
import { MAX_SLICES, type SlidingWindow } from '../sketch/sliding-sketch.js';

/** Of which time quantiles tell. */
export interface WindowOptions {
  /**
   * Seconds to look back upon.
   * @default 600
   */
  readonly seconds?: number;
  /**
   * Parts of the window that pass one at a time: more of them make it slide more smoothly, and each is a sketch to keep. 12 at most.
   * @default 5
   */
  readonly slices?: number;
}

const MAX_QUANTILES = 32;

/** Quantiles in ascending order and the window that they are of; undefined if none are asked for. Throws a TypeError or RangeError that names what is wrong. */
export function checkedQuantiles(
  where: string,
  quantiles: readonly number[] | undefined,
  window: WindowOptions | undefined,
): { readonly quantiles: readonly number[]; readonly window: SlidingWindow } | undefined {
  if (quantiles === undefined || (Array.isArray(quantiles) && quantiles.length === 0)) {
    if (window === undefined) return undefined;
    throw misuse(
      'OPTION_INVALID',
      `${where}: window says of which time quantiles tell, but there are no quantiles; give quantiles: [0.5, 0.9, 0.99]`,
    );
  }
  if (!Array.isArray(quantiles)) throw invalidOption(where, 'quantiles', 'an array of numbers from 0 to 1', quantiles);
  for (const quantile of quantiles as readonly unknown[]) {
    if (typeof quantile !== 'number' || !(quantile >= 0 && quantile <= 1)) {
      throw misuse('OPTION_INVALID', `${where}: quantile ${describe(quantile)} is no number from 0 to 1; the 99th percentile is 0.99`);
    }
  }
  const ascending = [...new Set(quantiles)].sort((a, b) => a - b);
  if (ascending.length > MAX_QUANTILES) throw invalidOption(where, 'quantiles', `${MAX_QUANTILES} numbers at most`, ascending.length);
  return { quantiles: ascending, window: checkedWindow(where, window) };
}

function checkedWindow(where: string, window: WindowOptions = {}): SlidingWindow {
  checkKnownKeys(`${where}: window`, window, ['seconds', 'slices']);
  const { seconds = 600, slices = 5 } = window;
  expectWhole(where, 'window.slices', slices, 1);
  if (slices > MAX_SLICES) throw invalidOption(where, 'window.slices', `${MAX_SLICES} at most`, slices);
  return { duration: expectPositive(where, 'window.seconds', seconds) * 1000, slices };
}
