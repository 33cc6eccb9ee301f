import type { Gauge } from '../metrics/gauge.js';
import type { Instruments } from './instruments.js';
import type { Source } from './source.js';

/** What Node.js has, and does not document: the objects behind what keeps a process alive. */
interface Internals {
  _getActiveHandles?(): readonly object[];
  _getActiveRequests?(): readonly object[];
}

/** Reads the types of what is active. */
type Types = () => readonly string[];

/**
 * What keeps the process alive: timers, sockets, servers, file operations.
 *
 * @param legacyNames also the totals as gauges that end in `_total`
 */
export function activeSources(make: Instruments, legacyNames: boolean): Source[] {
  const { _getActiveHandles, _getActiveRequests } = process as Internals;
  const known: readonly [name: string, what: string, types: Types | undefined][] = [
    ['resources', 'Resources that keep the event loop alive', () => process.getActiveResourcesInfo()],
    ['handles', 'Handles that are open, such as sockets and servers', typesOf(_getActiveHandles)],
    ['requests', 'Requests to the system that are under way', typesOf(_getActiveRequests)],
  ];
  return known.flatMap(([name, what, types]) =>
    types === undefined ? [] : [activeSource(make, `nodejs_active_${name}`, what, types, legacyNames)],
  );
}

function activeSource(make: Instruments, name: string, what: string, types: Types, legacyNames: boolean): Source {
  const byType = make.gauge(name, `${what}, by type.`, ['type']);
  const total = legacyNames ? make.gauge(`${name}_total`, `${what}, all types together.`) : undefined;
  const seen = new Set<string>();
  return {
    metrics: total === undefined ? [byType] : [byType, total],
    collect() {
      const found = types();
      show(byType, found, seen);
      total?.set(found.length);
    },
  };
}

/** Types that are gone for now stand at 0. */
function show(gauge: Gauge<'type'>, found: readonly string[], seen: Set<string>): void {
  const counts = new Map<string, number>();
  for (const type of found) counts.set(type, (counts.get(type) ?? 0) + 1);
  for (const type of counts.keys()) seen.add(type);
  for (const type of seen) gauge.set(counts.get(type) ?? 0, { type });
}

function typesOf(list: (() => readonly object[]) | undefined): Types | undefined {
  return typeof list === 'function' ? () => list.call(process).map((object) => object.constructor?.name ?? 'Object') : undefined;
}
