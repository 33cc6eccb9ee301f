import type { ExposedFamily } from '../../exposition/exposed-family.js';
import { labelPairs } from '../../exposition/label-text.js';
import { sliceOver } from '../slices.js';

/** One call path with what was measured of it, over all producers of a job, and the calls below it. */
export interface CallTree {
  /** The last part of the path; of a root, all of it: `Orders:place`. */
  readonly name: string;
  readonly calls: number;
  readonly errors: number;
  /** Seconds in all, those of the calls below included. */
  readonly seconds: number;
  /** Slowest in all first. */
  readonly children: readonly CallTree[];
}

interface Node {
  calls: number;
  errors: number;
  seconds: number;
  readonly children: Map<string, Node>;
}

const TIME = 'phanos_time_profiler_seconds';

/**
 * The calling context tree of each job, from the label `method` of the time profiler. A path that only its children were measured on has no calls.
 *
 * @param job only this one, if it is given
 */
export async function callTrees(families: Iterable<ExposedFamily>, job?: string): Promise<Record<string, CallTree[]>> {
  const roots = new Map<string, Map<string, Node>>();
  for (const { name, kind, bounds, divisor, series } of families) {
    if (name !== TIME || kind !== 'histogram') continue;
    for (const { labels, cells, offset } of series) {
      const of = Object.fromEntries(labelPairs(labels));
      if (of.method !== undefined && (job === undefined || (of.job ?? '') === job)) {
        const node = nodeAt(mapAt(roots, of.job ?? ''), partsOf(of.method));
        let calls = 0;
        for (let i = 0; i <= bounds.length; i++) calls += cells[offset + i]!;
        node.calls += calls;
        if (of.error_raised === 'true') node.errors += calls;
        node.seconds += cells[offset + bounds.length + 1]! / divisor;
      }
      const pause = sliceOver();
      if (pause !== undefined) await pause;
    }
  }
  return Object.fromEntries(Array.from(roots, ([name, nodes]) => [name, treesOf(nodes)]));
}

/** `Orders:place.price.round` is the root `Orders:place` and what it calls. The item before the colon may hold dots, as file names do. */
function partsOf(method: string): string[] {
  const colon = method.indexOf(':');
  const [root = '', ...rest] = method.slice(colon + 1).split('.');
  return [method.slice(0, colon + 1) + root, ...rest];
}

function nodeAt(nodes: Map<string, Node>, [first = '', ...rest]: readonly string[]): Node {
  let node = nodes.get(first);
  if (node === undefined) {
    node = { calls: 0, errors: 0, seconds: 0, children: new Map() };
    nodes.set(first, node);
  }
  return rest.length === 0 ? node : nodeAt(node.children, rest);
}

function mapAt<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

function treesOf(nodes: ReadonlyMap<string, Node>): CallTree[] {
  return Array.from(nodes, ([name, { children, ...own }]) => ({ name, ...own, children: treesOf(children) })).sort(
    (a, b) => b.seconds - a.seconds,
  );
}
