import { profiler } from 'phanos';
import { type Calls, readCalls } from './calls.js';
import { reportedDeaths } from './samples.js';
import { textOf } from './text-of.js';

/** Where what phanos has counted is read. */
export interface Numbers {
  /** For people: an address, and what to look for there. */
  readonly where: string;
  /** Undefined where they can't be read from here. */
  read(): Promise<ReadonlyMap<string, Calls> | undefined>;
  /** Producers of this run that ended without a goodbye; undefined where nobody tells of this run alone. */
  deaths(): Promise<number | undefined>;
}

/** This process collects and serves. @param url without a path */
export function numbersHere(url: string): Numbers {
  return {
    where: `${url}/metrics`,
    read: async () => readCalls(await textOf(`${url}/metrics`)),
    deaths: async () => reportedDeaths(await textOf(`${url}/-/metrics`)),
  };
}

/** A collector elsewhere has them, among those of others. @param instance who the shop is there */
export async function numbersElsewhere(collector: string, instance: string): Promise<Numbers> {
  const address = collector.replace(/\/\/[^/]*@/, '//');
  const which = `job="shop", instance="${instance}"`;
  const deaths = async (): Promise<undefined> => undefined;
  // A broker takes them to collectors, and brings nothing back.
  if (address.startsWith('amqp')) return { where: `the collectors behind ${address}, ${which}`, read: async () => undefined, deaths };
  const { url } = await profiler.serve();
  return {
    where: `${url.startsWith('http') ? `${url}/metrics` : `the collector at ${address}`}, ${which}`,
    // Through phanos, which knows the way also where it is no HTTP.
    read: async () => readCalls(await profiler.metrics(), instance),
    deaths,
  };
}
