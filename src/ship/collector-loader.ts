import { PhanosError } from '../diagnostics/phanos-error.js';
import type { CreateEmbeddedCollector } from './embedded-collector.js';

/** How the client gets at the embedded collector, which it must not load before somebody asks for its metrics. */

type CollectorLoader = () => Promise<CreateEmbeddedCollector>;

let loader: CollectorLoader | undefined;

/** Set once by the client's door, the one place that knows where the collector is. */
export function setCollectorLoader(load: CollectorLoader): void {
  loader = load;
}

/** Loads the embedded collector. Rejects with COLLECTOR_UNAVAILABLE if its files are missing, as in a bundle without them. */
export async function loadCollector(): Promise<CreateEmbeddedCollector> {
  try {
    if (loader === undefined) throw new Error('no loader is set');
    return await loader();
  } catch (error) {
    throw new PhanosError(
      'COLLECTOR_UNAVAILABLE',
      "the embedded collector could not be loaded; if phanos is bundled, keep 'phanos' external",
      {
        cause: error,
      },
    );
  }
}
