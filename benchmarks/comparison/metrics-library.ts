import type { Worker as Thread } from 'node:worker_threads';

/** What the programs of the comparison do with a metrics library, as its own documentation has it. */
export interface MetricsLibrary {
  /** Adds to the counter `jobs`. */
  count(jobs: number): void;
  /** Observes seconds in the summary `took`. */
  observe(seconds: number): void;
  /** What the library wants to be told before a worker or thread ends in order. */
  end(): Promise<void>;
  /** Serves the metrics of all workers of this cluster; resolves with the URL. */
  serveCluster(): Promise<string>;
  /** Serves the metrics of all threads of this process; resolves with the URL. @param threads those that run now */
  serveThreads(threads: ReadonlySet<Thread>): Promise<string>;
}

/** Which library a program is to use. */
export interface LibraryChoice {
  /** A file of this folder. */
  readonly adapter: 'phanos-library' | 'prom-library';
  /** What that file is to load. */
  readonly module: string;
}

/** Loads a library. To be called in every process and thread, before anything else. */
export async function openLibrary({ adapter, module }: LibraryChoice): Promise<MetricsLibrary> {
  const { open } = (await import(`./${adapter}.js`)) as { open: (module: string) => MetricsLibrary };
  return open(module);
}
