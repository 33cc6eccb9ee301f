import { PhanosError } from '../diagnostics/phanos-error.js';
import { normalizeServeOptions, type ServeOptions } from '../record/serve-options.js';
import type { Served } from '../ship/embedded-collector.js';
import type { SeriesLane } from '../ship/series-lane.js';

/** The servers that a profiler was asked for. */
export class Servers {
  /** Those that were not closed. */
  readonly #running = new Set<Served>();
  /** Changes with each closing: who began to serve before must not go on after. */
  #closings = 0;

  async serve(lane: () => SeriesLane, options: ServeOptions): Promise<Served> {
    const wanted = normalizeServeOptions(options);
    const closings = this.#closings;
    const served = await lane().serve(wanted);
    if (closings !== this.#closings) {
      await served.close();
      throw new PhanosError('CLOSED', 'the profiler was closed while the server started; call serve again if it is still wanted');
    }
    const { role, url } = served;
    const own: Served = {
      role,
      url,
      close: () => {
        this.#running.delete(own);
        return served.close();
      },
    };
    this.#running.add(own);
    return own;
  }

  /** Nothing that is starting now stays. */
  refuseStarting(): void {
    this.#closings++;
  }

  async close(): Promise<void> {
    this.refuseStarting();
    await Promise.all(Array.from(this.#running, (served) => served.close()));
  }
}
