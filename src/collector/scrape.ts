import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ExposedFamily } from '../exposition/exposed-family.js';
import { renderText, TEXT_CONTENT_TYPE } from '../exposition/text.js';
import { type BeforeScrape, runBeforeScrape } from './before-scrape.js';
import type { Collector } from './collector.js';
import { refuseMethod } from './plain-answer.js';
import type { ScrapeOutcome } from './self-metrics.js';
import { inSlices } from './slices.js';

/** Answers scrapes, in our own server or inside somebody else's. */

/** Milliseconds after which a reader that takes nothing is given up. */
const READER_PATIENCE = 30_000;

/**
 * Answers `GET` and `HEAD` of `/metrics`. Never rejects: a reader that goes away is its own affair. A response that somebody else has begun is left
 * alone.
 */
export async function handleMetrics(
  collector: Collector,
  beforeScrape: BeforeScrape,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (response.headersSent || refuseMethod(request, response)) return;
  if (request.method === 'HEAD') {
    answerHead(request, response);
    return;
  }
  const stop = collector.self.startScrape();
  if (!(await runBeforeScrape(beforeScrape))) collector.self.hookFailures += 1;
  stop(await writeFamilies(() => collector.families, request, response));
}

/** Answers `GET` and `HEAD` of `/-/metrics`: the collector's own metrics, which bad application data can't hide. */
export async function handleOwnMetrics(collector: Collector, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (refuseMethod(request, response)) return;
  if (request.method === 'HEAD') answerHead(request, response);
  else await writeFamilies(() => collector.ownFamilies, request, response);
}

function answerHead(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, headers(acceptsGzip(request)));
  response.end();
}

async function writeFamilies(
  families: () => Iterable<ExposedFamily>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ScrapeOutcome> {
  if (response.destroyed || response.headersSent) return 'gone';
  response.setTimeout(READER_PATIENCE, () => response.destroy());
  const compress = acceptsGzip(request);
  const body = Readable.from(bytes(families), { objectMode: true, highWaterMark: 1 });
  try {
    response.writeHead(200, headers(compress));
    // The fastest level takes a quarter of the default's CPU, for a body that is a fifth larger.
    if (compress) await pipeline(body, createGzip({ level: constants.Z_BEST_SPEED }), response);
    else await pipeline(body, response);
    return 'complete';
  } catch (error) {
    // Cut off in the middle, for half a scrape with a clean end would pass for a whole one.
    response.destroy();
    return isGone(error) ? 'gone' : 'failed';
  }
}

async function* bytes(families: () => Iterable<ExposedFamily>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of inSlices(renderText(families()))) yield Buffer.from(chunk);
}

function headers(compress: boolean): OutgoingHttpHeaders {
  const shared = { 'content-type': TEXT_CONTENT_TYPE, vary: 'accept-encoding' };
  return compress ? { ...shared, 'content-encoding': 'gzip' } : shared;
}

function acceptsGzip(request: IncomingMessage): boolean {
  const codings = String(request.headers['accept-encoding'] ?? '').split(',');
  return codings.some((coding) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}

/** A reader that left shows as one of these, depending on which side noticed first. */
function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'].includes(code);
}
