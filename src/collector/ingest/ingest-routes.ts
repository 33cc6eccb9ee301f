import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProducerIdentity } from '../../record/batch.js';
import type { Answer, Newcomer, Welcome } from '../../record/pipe.js';
import { answerJson } from '../plain-answer.js';
import type { Route, Routes } from '../router.js';
import { leaverOf, newcomerOf } from './newcomer.js';
import { type BodyRefusal, RequestBodies } from './request-body.js';

/** Who takes what comes over HTTP. */
export interface IngestHost {
  hello(newcomer: Newcomer): Welcome;
  gone(identity: Partial<ProducerIdentity>): void;
  /** Never rejects. */
  receive(body: Uint8Array, encoding: string | undefined): Promise<Answer>;
  /** False while nothing new is taken. */
  readonly isOpen: boolean;
  /** Told of each body that was not read, and each request that made no sense. */
  onRefused(reason: BodyRefusal | 'closed' | 'malformed'): void;
}

/** Milliseconds after which whoever was sent away comes again. */
const LATER = 1000;
const STATUS: Readonly<Record<Answer['kind'], number>> = { stored: 200, refused: 400, later: 503 };

/** `POST /v2/hello`, `/v2/gone` and `/v2/batches`: the way of producers to a collector that is a process of its own. */
export function ingestRoutes(host: IngestHost, bodies = new RequestBodies()): Routes {
  const post = (use: (body: Buffer, request: IncomingMessage, response: ServerResponse) => Promise<void> | void): Route => ({
    method: 'POST',
    purpose: 'write',
    answer: (request, response) => take(host, bodies, request, response, use),
  });
  return new Map([
    ['/v2/hello', post((body, _request, response) => answerJson(response, 200, host.hello(newcomerOf(body))))],
    [
      '/v2/gone',
      post((body, _request, response) => {
        host.gone(leaverOf(body));
        response.writeHead(204).end();
      }),
    ],
    [
      '/v2/batches',
      post(async (body, request, response) => {
        const said = await host.receive(body, request.headers['content-encoding']);
        if (said.kind === 'later') response.setHeader('retry-after', String(Math.ceil(said.after / 1000)));
        answerJson(response, STATUS[said.kind], said);
      }),
    ],
  ]);
}

async function take(
  host: IngestHost,
  bodies: RequestBodies,
  request: IncomingMessage,
  response: ServerResponse,
  use: (body: Buffer, request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<void> {
  if (!host.isOpen) {
    host.onRefused('closed');
    return sendAway(response, 503);
  }
  try {
    const refusal = await bodies.read(request, (body) => use(body, request, response));
    if (refusal === undefined) return;
    host.onRefused(refusal);
    if (refusal === 'aborted') response.destroy();
    else if (refusal === 'busy') sendAway(response, 429);
    else {
      response.setHeader('connection', 'close');
      answerJson(response, 413, { kind: 'refused', reason: 'the body is larger than this collector takes' });
    }
  } catch (error) {
    host.onRefused('malformed');
    if (!response.headersSent) answerJson(response, 400, { kind: 'refused', reason: (error as Error).message });
  }
}

function sendAway(response: ServerResponse, status: 429 | 503): void {
  response.setHeader('retry-after', String(LATER / 1000));
  response.setHeader('connection', 'close');
  answerJson(response, status, { kind: 'later', after: LATER });
}
