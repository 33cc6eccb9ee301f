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

/** What node:http, Express and Fastify call with a request; they ignore the promise or wait for it. It never rejects. */
export type MetricsHandler = (
  request: IncomingMessage | FastifyLike<IncomingMessage>,
  response: ServerResponse | FastifyReply,
) => Promise<void>;

/** A handler that answers with what the collector has; 503 with the reason if there is none. */
export function createMetricsHandler(lane: () => SeriesLane): MetricsHandler {
  return async (request, response) => {
    const isFastify = 'hijack' in response;
    if (isFastify) response.hijack();
    const answer = isFastify ? response.raw : response;
    try {
      await lane().handle((isFastify ? (request as FastifyLike<IncomingMessage>).raw : request) as IncomingMessage, answer);
    } catch (error) {
      // Nobody catches what a listener of node:http rejects with: it would end the process.
      if (!answer.headersSent) answer.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
      answer.end(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  };
}
