import { PhanosError } from '../diagnostics/phanos-error.js';
import type { ProducerIdentity } from '../record/batch.js';
import { type PackedBatch, packBatch, packBatchNow } from '../record/batch-packing.js';
import { CONTENT_TYPES, type Exposed } from '../record/exposed.js';
import type { Answer, Newcomer, Welcome } from '../record/pipe.js';
import type { Served } from './embedded-collector.js';
import type { HttpAddress } from './http-address.js';
import { HttpConnection, type HttpReply, type HttpRequest } from './http-connection.js';
import { type FrozenBatch, HEARTBEAT, type Transport } from './transport.js';

/** Milliseconds that a collector has to answer. */
export interface HttpPatience {
  /** To make a batch safe may take a busy disk some seconds. @default 10_000 */
  readonly answer: number;
  /** Somebody may wait for the first answer in `ready`. @default 5000 */
  readonly hello: number;
}

/** Milliseconds after which a collector that doesn't say when is asked again. */
const LATER = 1000;
/** The most, whatever it says: what stands in front of it may say hours, and timers hold 24 days. */
const LATEST = 60_000;

const BATCH_TYPE = 'application/vnd.phanos.batch+json; version=2';

/** A collector that runs as a service, over HTTP or a unix socket. */
export class HttpTransport implements Transport {
  readonly name: string;
  readonly heartbeat = HEARTBEAT;
  readonly #address: HttpAddress;
  readonly #patience: HttpPatience;
  readonly #connection: HttpConnection;
  /** What must be there before it is told that its sender is gone. */
  readonly #sending = new Set<Promise<Answer>>();
  /** Where the collector says that everybody's metrics are. */
  #url: string | undefined;

  constructor(address: HttpAddress, patience: HttpPatience = { answer: 10_000, hello: 5000 }) {
    this.name = address.name;
    this.#patience = patience;
    this.#address = address;
    this.#connection = new HttpConnection(address);
  }

  async hello({ job, instance, worker, boot }: Newcomer): Promise<Welcome> {
    const asked = { job, instance, ...(worker === undefined ? {} : { worker }), boot };
    const reply = await this.#ask({ ...json('/v2/hello', asked), patience: this.#patience.hello });
    const welcome = reply.status === 200 ? parsed<Welcome>(reply.body.toString()) : undefined;
    if (typeof welcome?.worker !== 'string' || typeof welcome.epoch !== 'string') throw this.#stranger(reply);
    if (typeof welcome.url === 'string') this.#url = welcome.url;
    return welcome;
  }

  gone(producer: ProducerIdentity): void {
    // Silence tells it as well, only later.
    void Promise.allSettled(this.#sending)
      .then(() => this.#ask({ ...json('/v2/gone', producer), patience: this.#patience.hello }))
      .catch(() => undefined);
  }

  send({ body }: FrozenBatch): Promise<Answer> {
    const sending = this.#send(body).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
    return sending;
  }

  sendLast({ body }: FrozenBatch): boolean {
    return this.#connection.tell(batchRequest(packBatchNow(body)));
  }

  onFlush(): void {
    // A service never asks: what it shows is at most one flush interval old.
  }

  async expose(accept: string = CONTENT_TYPES.text): Promise<Exposed> {
    const reply = await this.#ask({
      method: 'GET',
      path: '/metrics',
      headers: { accept },
      patience: this.#patience.answer,
    });
    if (reply.status !== 200) throw this.#stranger(reply);
    const { 'content-type': contentType = CONTENT_TYPES.text } = reply.headers;
    return { contentType, body: contentType.startsWith('text/') ? reply.body.toString() : reply.body };
  }

  async serve(): Promise<Served> {
    return { role: 'delegate', url: this.#url ?? this.name, close: async () => undefined };
  }

  close(): void {
    this.#connection.close();
  }

  async #send(body: Uint8Array): Promise<Answer> {
    const reply = await this.#ask({ ...batchRequest(await packBatch(body)), patience: this.#patience.answer });
    const { status } = reply;
    const answer = parsed<Partial<Record<'kind' | 'epoch' | 'reason', unknown>> & { readonly after?: unknown }>(reply.body.toString());
    if (status === 200 && answer?.kind === 'stored' && typeof answer.epoch === 'string') return { kind: 'stored', epoch: answer.epoch };
    if (status === 429 || status === 503) return { kind: 'later', after: laterOf(answer?.after, reply) };
    if (status === 400 && answer?.kind === 'refused') return { kind: 'refused', reason: String(answer.reason) };
    // Whoever says that, on the way or at its end, will say it of the same bytes again.
    if (status === 413) return { kind: 'refused', reason: 'it is larger than the collector takes (413)' };
    throw this.#stranger(reply);
  }

  async #ask(request: HttpRequest): Promise<HttpReply> {
    try {
      return await this.#connection.ask(request);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = code === undefined || message.includes(code) ? message : `${code} ${message}`;
      const text = `the collector at ${this.name} can't be reached (${reason}); ${this.#remedy(code)}`;
      throw new PhanosError('COLLECTOR_UNAVAILABLE', text, { cause: error });
    }
  }

  /** For an answer that is none of a collector's. */
  #stranger({ status }: HttpReply): PhanosError {
    return new PhanosError('COLLECTOR_UNAVAILABLE', `the collector at ${this.name} ${meaningOf(status)}`);
  }

  #remedy(code: string | undefined): string {
    const { to, isSecure } = this.#address;
    if (isSecure && /CERT|SIGNATURE|ALTNAME/.test(code ?? ''))
      return 'let Node.js trust its certificate, for example with NODE_EXTRA_CA_CERTS';
    if (code !== 'ECONNREFUSED' && code !== 'ENOENT') return 'check that it runs, and that the address leads to it';
    if ('socketPath' in to) return `start it with \`phanos collect --socket ${to.socketPath}\``;
    return isSecure ? 'check that it runs' : `start it with \`phanos collect --listen ${to.host}:${to.port}\``;
  }
}

function json(path: string, body: object): Pick<HttpRequest, 'method' | 'path' | 'headers' | 'body'> & { readonly method: 'POST' } {
  return { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

function batchRequest({ body, encoding }: PackedBatch): Omit<HttpRequest, 'patience'> {
  const headers = { 'content-type': BATCH_TYPE, ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }) };
  return { method: 'POST', path: '/v2/batches', headers, body };
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) {
    return `refused the credentials (${status}); set PHANOS_COLLECTOR_TOKEN or collectorToken, or write user and password into the address`;
  }
  if (status === 404) return 'does not know what it was asked (404); check that the address leads to `phanos collect`';
  if (status === 429 || status === 503) return `is not ready (${status}); its own log and /-/ready tell why`;
  if (status >= 300 && status < 400) return `sends its callers elsewhere (${status}); give the address that it leads to`;
  return `answered ${status}, but not as a collector of phanos; check the address`;
}

/** Milliseconds. */
function laterOf(after: unknown, { headers }: HttpReply): number {
  if (typeof after === 'number' && after >= 0) return Math.min(after, LATEST);
  const seconds = Number(headers['retry-after']);
  return headers['retry-after'] !== undefined && seconds >= 0 ? Math.min(seconds * 1000, LATEST) : LATER;
}

function parsed<T>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
