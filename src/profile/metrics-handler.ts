import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SeriesLane } from '../ship/series-lane.js';

/** Answers `/metrics` inside somebody else's server. */

/** A Fastify request. */
export interface FastifyLike<T> {
  readonly raw: T;
}

/** A Fastify reply. */
export interface FastifyReply extends FastifyLike<ServerResponse> {
  hijack(): unknown;
}

/** What node:http, Express and Fastify call with a request. It answers by itself; nothing that goes wrong reaches its caller. */
export type MetricsHandler = (request: IncomingMessage | FastifyLike<IncomingMessage>, response: ServerResponse | FastifyReply) => void;

/** A handler that answers with what the collector has; 503 with the reason if there is none. */
export function createMetricsHandler(lane: () => SeriesLane): MetricsHandler {
  return (request, response) => {
    const isFastify = 'hijack' in response;
    if (isFastify) response.hijack();
    const raw = (isFastify ? (request as FastifyLike<IncomingMessage>).raw : request) as IncomingMessage;
    void respond(lane, raw, isFastify ? response.raw : response);
  };
}

async function respond(lane: () => SeriesLane, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await lane().handle(request, response);
  } catch (error) {
    if (!response.headersSent) response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
