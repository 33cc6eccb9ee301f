import type { Recovered } from '../collector/journal/recovery.js';
import type { Store } from '../collector/stores.js';

/** Stores that get a line each; of more, as there are with shards, one line tells them all. */
const FEW = 4;

/** What a start found in its data folder, in lines for the log. A torn tail is told in any case: it is a trace of a crash. */
export function foundStores(stores: Iterable<Store>): string[] {
  const found: { readonly name: string; readonly recovered: Recovered }[] = [];
  for (const { name, durable } of stores) {
    const { recovered } = durable;
    if (recovered !== undefined && !isEmpty(recovered)) found.push({ name, recovered });
  }
  const torn = found.filter(({ recovered }) => recovered.tornBytes > 0);
  if (found.length <= FEW) return found.map(lineOf);
  const sum = (number: (recovered: Recovered) => number): number => found.reduce((total, { recovered }) => total + number(recovered), 0);
  const snapshots = sum(({ snapshot }) => (snapshot === undefined ? 0 : 1));
  const records = `${sum((one) => one.records)} records (${sum((one) => one.bytes)} bytes) behind them`;
  return [`${found.length} stores: found ${snapshots} snapshots, ${records}`, ...torn.map(lineOf)];
}

function isEmpty({ snapshot, records, tornBytes }: Recovered): boolean {
  return snapshot === undefined && records === 0 && tornBytes === 0;
}

function lineOf({ name, recovered }: { readonly name: string; readonly recovered: Recovered }): string {
  const { snapshot, records, bytes, tornBytes } = recovered;
  const parts = [snapshot === undefined ? 'no snapshot' : 'a snapshot', `${records} records (${bytes} bytes) behind it`];
  if (tornBytes > 0) parts.push(`a torn tail of ${tornBytes} bytes, cut off`);
  return `store ${name}: found ${parts.join(', ')}`;
}
