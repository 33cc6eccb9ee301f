import type { GaugeMerge } from '../../record/batch.js';
import { type Holding, type Legacy, newestHolder, type StateMode, type StateSeries } from './state-series.js';

type Fold = Pick<StateMode, 'fold' | 'bequeath'>;

const SUM: Fold = {
  fold: (series) => total(series).value,
  bequeath: addUp,
};

const AVG: Fold = {
  fold(series) {
    const { value, weight } = total(series);
    return value / weight;
  },
  bequeath: addUp,
};

const MIN: Fold = extreme((a, b) => (b < a ? b : a));
const MAX: Fold = extreme((a, b) => (b > a ? b : a));

const MOST_RECENT: Fold = {
  fold(series) {
    const newest = newestHolder(series);
    const { legacy } = series;
    if (newest === undefined) return legacy!.value;
    return legacy !== undefined && !series.mode.live && legacy.stamp > newest.stamp ? legacy.value : newest.value;
  },
  bequeath: (legacy, { value, stamp }) => (legacy !== undefined && legacy.stamp > stamp ? legacy : { value, weight: 1, stamp }),
};

/** What each declared mode does. `all` shows for each worker what its newest process says. */
export const GAUGE_MODES: Readonly<Record<GaugeMerge, StateMode>> = {
  sum: modeOf('sum', SUM),
  min: modeOf('min', MIN),
  max: modeOf('max', MAX),
  avg: modeOf('avg', AVG),
  mostrecent: modeOf('mostrecent', MOST_RECENT),
  all: modeOf('all', MOST_RECENT),
  livesum: modeOf('livesum', SUM),
  livemin: modeOf('livemin', MIN),
  livemax: modeOf('livemax', MAX),
  liveavg: modeOf('liveavg', AVG),
  livemostrecent: modeOf('livemostrecent', MOST_RECENT),
  liveall: modeOf('liveall', MOST_RECENT),
};

function modeOf(name: GaugeMerge, fold: Fold): StateMode {
  return { name, live: name.startsWith('live'), byWorker: name.endsWith('all'), ...fold };
}

/** A sum over what counts, and over how many producers it goes. */
function total({ mode, holders, legacy }: StateSeries): { value: number; weight: number } {
  let value = 0;
  let weight = 0;
  for (let holding = holders; holding !== undefined; holding = holding.next) {
    if (mode.live && !holding.contributor.live) continue;
    value = weight === 0 ? holding.value : value + holding.value;
    weight++;
  }
  if (mode.live || legacy === undefined) return { value, weight };
  return { value: weight === 0 ? legacy.value : value + legacy.value, weight: weight + legacy.weight };
}

function addUp(legacy: Legacy | undefined, { value, stamp }: Holding): Legacy {
  if (legacy === undefined) return { value, weight: 1, stamp };
  return { value: legacy.value + value, weight: legacy.weight + 1, stamp: Math.max(legacy.stamp, stamp) };
}

/** As Prometheus does it, NaN counts only if there is nothing else. */
function extreme(pick: (a: number, b: number) => number): Fold {
  const better = (a: number | undefined, b: number): number => (a === undefined || Number.isNaN(a) ? b : pick(a, b));
  return {
    fold({ mode, holders, legacy }) {
      let best = mode.live ? undefined : legacy?.value;
      for (let holding = holders; holding !== undefined; holding = holding.next) {
        if (!mode.live || holding.contributor.live) best = better(best, holding.value);
      }
      return best!;
    },
    bequeath: (legacy, { value, stamp }) => ({
      value: better(legacy?.value, value),
      weight: 1,
      stamp: Math.max(legacy?.stamp ?? 0, stamp),
    }),
  };
}
