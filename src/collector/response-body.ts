import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { ReaderLostError } from './shared-render.js';
import { sliceOver } from './slices.js';

/** How a scrape ended: `gone` when the reader left before the end, `slow` when it was cut off for reading too slowly, `failed` when writing broke. */
export type ScrapeOutcome = 'complete' | 'failed' | 'gone' | 'slow';

/** Milliseconds for a reader to take one chunk, some 64 kB: one that needs longer is cut off. */
const PATIENCE = 30_000;

class GoneError extends Error {}

/** The body of one response, written as fast as its reader takes it. */
export class ResponseBody {
  readonly #response: ServerResponse;
  readonly #patience: number;
  #settle: ((error?: Error) => void) | undefined;

  /** @param patience milliseconds for a reader to take one chunk */
  constructor(response: ServerResponse, patience = PATIENCE) {
    this.#response = response;
    this.#patience = patience;
  }

  /** Writes head and chunks, and ends the response. What can't be finished is cut off, for half a scrape with a clean end would pass for a whole one. */
  async send(chunks: AsyncIterable<Uint8Array>, headers: OutgoingHttpHeaders): Promise<ScrapeOutcome> {
    const response = this.#response;
    const go = (): void => this.#settle?.();
    const stop = (): void => this.#settle?.(response.writableFinished ? undefined : new GoneError());
    response.on('drain', go).on('finish', go).on('close', stop).on('error', stop);
    try {
      for await (const chunk of chunks) {
        const pause = sliceOver();
        if (pause !== undefined) await pause;
        if (response.destroyed) return 'gone';
        if (!response.headersSent) response.writeHead(200, headers);
        if (!response.write(chunk)) await this.#settled();
      }
      if (!response.headersSent) response.writeHead(200, headers);
      const finished = this.#settled();
      response.end();
      await finished;
      return 'complete';
    } catch (error) {
      response.destroy();
      if (error instanceof GoneError) return 'gone';
      return error instanceof ReaderLostError ? 'slow' : 'failed';
    } finally {
      response.off('drain', go).off('finish', go).off('close', stop).off('error', stop);
    }
  }

  /** Resolves when the reader has taken what was written. */
  #settled(): Promise<void> {
    const response = this.#response;
    if (response.destroyed) return Promise.reject(new GoneError());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle?.(new ReaderLostError('this reader is too slow')), this.#patience).unref();
      this.#settle = (error) => {
        clearTimeout(timer);
        this.#settle = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
    });
  }
}
