import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ExposedFamily } from '../exposition/exposed-family.js';
import type { ExpositionFormat } from '../exposition/format.js';
import { acceptsGzip, negotiate } from '../exposition/negotiation.js';
import type { Exposed } from '../record/exposed.js';
import { type BeforeScrape, runBeforeScrape } from './before-scrape.js';
import { refuseMethod } from './plain-answer.js';
import { Renders } from './renders.js';
import { ResponseBody, type ScrapeOutcome } from './response-body.js';
import type { SelfMetrics } from './self-metrics.js';
import { inSlices } from './slices.js';

/** What is shown, and to whom it is told how that went. */
export interface ScrapeSource {
  /** As of now; may be read in slices. */
  readonly families: () => Iterable<ExposedFamily>;
  /** Brings in the newest measurements; a scrape waits for it 200 ms at most. @default nothing */
  readonly beforeScrape?: BeforeScrape;
  /** Where scrapes are counted. @default nowhere */
  readonly self?: SelfMetrics;
}

/**
 * Answers scrapes, in our own server or inside somebody else's, in the format and compression that the reader asks for. Readers that come at about the
 * same time share one render.
 */
export class Scrapes {
  readonly #source: ScrapeSource;
  readonly #renders = new Renders();

  constructor(source: ScrapeSource) {
    this.#source = source;
  }

  /** Answers `GET` and `HEAD`. Never rejects: a reader that goes away is its own affair. A response that somebody else has begun is left alone. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (response.headersSent || refuseMethod(request, response)) return;
    const { format, contentType } = negotiate(headerOf(request.headers.accept));
    const compress = acceptsGzip(headerOf(request.headers['accept-encoding']));
    const headers = headersOf(contentType, compress);
    if (request.method === 'HEAD') {
      response.writeHead(200, headers).end();
      return;
    }
    const stop = this.#source.self?.startScrape();
    const outcome = await this.#answer(format, compress, headers, response);
    stop?.(outcome);
  }

  /** Everything in the format that suits an `Accept` header. */
  async expose(accept: string | undefined): Promise<Exposed> {
    const { format, contentType } = negotiate(accept);
    if (format.name === 'protobuf') {
      const chunks: Buffer[] = [];
      for await (const chunk of this.#render(format)) chunks.push(chunk);
      return { contentType, body: Buffer.concat(chunks) };
    }
    const texts: string[] = [];
    for await (const chunk of this.#render(format)) texts.push(chunk.toString());
    return { contentType, body: texts.join('') };
  }

  async #answer(
    format: ExpositionFormat,
    compress: boolean,
    headers: OutgoingHttpHeaders,
    response: ServerResponse,
  ): Promise<ScrapeOutcome> {
    if (response.destroyed) return 'gone';
    const start = () => (compress ? gzipped(this.#render(format)) : this.#render(format));
    const chunks = this.#renders.open(`${format.name} ${compress ? 'gzip' : 'plain'}`, start);
    return new ResponseBody(response).send(chunks, headers);
  }

  async *#render(format: ExpositionFormat): AsyncGenerator<Buffer, void, undefined> {
    const { beforeScrape, families, self } = this.#source;
    if (beforeScrape !== undefined && !(await runBeforeScrape(beforeScrape)) && self !== undefined) self.hookFailures += 1;
    yield* inSlices(format.render(families()));
  }
}

/** The fastest level takes a quarter of the default's CPU, for a body that is a fifth larger. */
async function* gzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 32 * 1024 });
  const whole = pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), gzip);
  // What goes wrong shows to whoever reads; nobody waits here if they stop early.
  whole.catch(() => undefined);
  yield* gzip as AsyncIterable<Uint8Array>;
  await whole;
}

function headersOf(contentType: string, compress: boolean): OutgoingHttpHeaders {
  const shared = { 'content-type': contentType, vary: 'Accept, Accept-Encoding', 'x-content-type-options': 'nosniff' };
  return compress ? { ...shared, 'content-encoding': 'gzip' } : shared;
}

/** node:http joins headers of the same name; frameworks may not have. */
function headerOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value;
}
