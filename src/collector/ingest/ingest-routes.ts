import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProducerIdentity } from '../../record/batch.js';
import type { Answer, Newcomer, Welcome } from '../../record/pipe.js';
import { answerJson } from '../plain-answer.js';
import type { Route, Routes } from '../router.js';
import { leaverOf, newcomerOf } from './newcomer.js';
import { type BodyRefusal, RequestBodies } from './request-body.js';

/** Why a request was turned away. The words are label values, so they stay as they are. */
export type IngestRefusal = BodyRefusal | 'closed' | 'failed' | 'malformed';

/** Who takes what comes over HTTP. */
export interface IngestHost {
  hello(newcomer: Newcomer): Welcome;
  /** Rejects if it can't be made safe now. */
  gone(identity: Partial<ProducerIdentity>): Promise<void>;
  /** Never rejects. */
  receive(body: Uint8Array, encoding: string | undefined): Promise<Answer>;
  /** Takes a message of records, which is not encoded. Never rejects. */
  receiveRecords(body: Uint8Array): Promise<Answer>;
  /** False while nothing new is taken. */
  readonly isOpen: boolean;
  /** Told of each request that was turned away before it came to `receive`. */
  onRefused(reason: IngestRefusal): void;
}

/** Milliseconds after which whoever was sent away comes again. */
const LATER = 1000;
const STATUS: Readonly<Record<Answer['kind'], number>> = { stored: 200, refused: 400, later: 503 };

/**
 * `POST /v2/hello`, `/v2/gone` and `/v2/batches`: the way of producers to a collector that is a process of its own. `POST /v1/records` takes the messages
 * of Python's wire where there is no broker.
 */
export function ingestRoutes(host: IngestHost, bodies = new RequestBodies()): Routes {
  const post = (use: Use): Route => ({
    method: 'POST',
    purpose: 'write',
    answer: (request, response) => take(host, bodies, request, response, use),
  });
  return new Map([
    ['/v2/hello', post(reading(host, newcomerOf, (newcomer, response) => answerJson(response, 200, host.hello(newcomer))))],
    [
      '/v2/gone',
      post(
        reading(host, leaverOf, async (leaver, response) => {
          await host.gone(leaver);
          response.writeHead(204).end();
        }),
      ),
    ],
    ['/v2/batches', post(async (body, response, { headers }) => tell(response, await host.receive(body, headers['content-encoding'])))],
    [
      '/v1/records',
      post(async (body, response, { headers }) => {
        const encoding = headers['content-encoding'] ?? 'identity';
        const reason = `records are taken as they are, not encoded as '${encoding}'`;
        tell(response, encoding === 'identity' ? await host.receiveRecords(body) : { kind: 'refused', reason });
      }),
    ],
  ]);
}

type Use = (body: Buffer, response: ServerResponse, request: IncomingMessage) => Promise<void> | void;

function tell(response: ServerResponse, said: Answer): void {
  if (said.kind === 'later') response.setHeader('retry-after', String(Math.ceil(said.after / 1000)));
  answerJson(response, STATUS[said.kind], said);
}

async function take(host: IngestHost, bodies: RequestBodies, request: IncomingMessage, response: ServerResponse, use: Use): Promise<void> {
  if (!host.isOpen) {
    host.onRefused('closed');
    return sendAway(response, 503);
  }
  try {
    await bodies.read(
      request,
      () => response.writeContinue(),
      (read) => ('body' in read ? use(read.body, response, request) : refuse(host, read.refusal, response)),
    );
  } catch {
    // Nothing says that it can't be taken later: whoever sent it is to keep it.
    host.onRefused('failed');
    if (!response.headersSent) sendAway(response, 503);
  }
}

/** What makes no sense is refused for good. */
function reading<T>(host: IngestHost, read: (body: Buffer) => T, use: (value: T, response: ServerResponse) => Promise<void> | void): Use {
  return (body, response) => {
    let value: T;
    try {
      value = read(body);
    } catch (error) {
      host.onRefused('malformed');
      return answerJson(response, 400, { kind: 'refused', reason: (error as Error).message });
    }
    return use(value, response);
  };
}

function refuse(host: IngestHost, refusal: BodyRefusal, response: ServerResponse): void {
  host.onRefused(refusal);
  if (refusal === 'aborted') response.destroy();
  else if (refusal === 'busy') sendAway(response, 429);
  else {
    response.setHeader('connection', 'close');
    answerJson(response, 413, { kind: 'refused', reason: 'the body is larger than this collector takes' });
  }
}

function sendAway(response: ServerResponse, status: 429 | 503): void {
  response.setHeader('retry-after', String(LATER / 1000));
  response.setHeader('connection', 'close');
  answerJson(response, status, { kind: 'later', after: LATER });
}
