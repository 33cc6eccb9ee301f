import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { PhanosError } from '../diagnostics/phanos-error.js';
import type { Answer, Welcome } from '../record/pipe.js';
import type { Served, ServeOptions } from './embedded-collector.js';
import type { FrozenBatch, Transport } from './transport.js';

/** Who is asking for a slot. */
export interface HttpTransportOptions {
  /** `http://host:port`, `https://…`, or `unix:/path/to/socket`. */
  readonly url: string;
  readonly job: string;
  readonly instance: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
}

/** Milliseconds for one request. */
const TIMEOUT = 5000;
/** Answers are a line of JSON; nobody needs more. */
const ANSWER_LIMIT = 64 * 1024;
export const BATCH_TYPE = 'application/vnd.phanos.batch+json; version=2';

interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** The way to a collector service, over HTTP or a unix socket. One connection is kept open. */
export class HttpTransport implements Transport {
  readonly name: string;
  readonly heartbeat = 5000;
  readonly #options: HttpTransportOptions;
  readonly #target: RequestOptions;
  readonly #http: Pick<typeof import('node:http'), 'request'>;
  readonly #agent: Agent;

  constructor(options: HttpTransportOptions) {
    this.name = options.url;
    this.#options = options;
    const { target, secure } = parseTarget(options.url);
    const http = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
    this.#target = target;
    this.#http = http;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  }

  async hello(worker: string | undefined): Promise<Welcome> {
    const { job, instance } = this.#options;
    const { status, body } = await this.#post('/v2/hello', 'application/json', Buffer.from(JSON.stringify({ job, instance, worker })));
    if (status !== 200) throw this.#refusal(status, body);
    const { worker: slot, epoch } = parse(body);
    if (typeof slot !== 'string' || typeof epoch !== 'string') throw this.#refusal(status, 'this is no phanos collector');
    return { worker: slot, epoch };
  }

  /** A service finds out by the silence of the worker. */
  gone(): void {}

  async send({ body }: FrozenBatch): Promise<Answer> {
    const answer = await this.#post('/v2/batches', BATCH_TYPE, body);
    const { epoch, reason } = parse(answer.body);
    if (answer.status === 200 && typeof epoch === 'string') return { kind: 'stored', epoch };
    if (answer.status === 400 || answer.status === 409 || answer.status === 413) {
      return { kind: 'refused', reason: typeof reason === 'string' ? reason : `status ${answer.status}` };
    }
    if (answer.status === 429 || answer.status === 503) return { kind: 'later', after: Number(answer.retryAfter ?? 1) * 1000 || 1000 };
    throw this.#refusal(answer.status, answer.body);
  }

  /** A request can't be finished while the process ends; what is in the outbox is lost with the process. */
  sendLast(): void {}

  /** A service asks nobody; its data is at most one flush interval old. */
  onFlush(): void {}

  async text(): Promise<string> {
    const { status, body } = await this.#request('GET', '/metrics', {}, undefined, Number.POSITIVE_INFINITY);
    if (status !== 200) throw this.#refusal(status, body);
    return body;
  }

  /** The service serves already. */
  async serve(_options: ServeOptions): Promise<Served> {
    await this.hello(undefined);
    return { role: 'delegate', url: this.#options.url, close: async () => undefined };
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(path: string, type: string, body: Uint8Array): Promise<HttpAnswer> {
    return this.#request('POST', path, { 'content-type': type, 'content-length': body.byteLength }, body, ANSWER_LIMIT);
  }

  #request(method: string, path: string, headers: Record<string, string | number>, body: Uint8Array | undefined, limit: number): Promise<HttpAnswer> {
    const { token } = this.#options;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
      const options = { ...this.#target, method, path, agent: this.#agent, timeout: TIMEOUT, headers: { ...headers, ...authorization } };
      const request: ClientRequest = this.#http.request(options, (response) => {
        read(response, limit).then((text) => {
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body: text });
        }, reject);
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT} ms`)));
      request.on('error', (cause) => {
        reject(new PhanosError('COLLECTOR_UNAVAILABLE', `the collector at ${this.name} can't be reached: ${cause.message}`, { cause }));
      });
      // An idle connection must not keep the process alive; one that waits for an answer may, for as long as the timeout.
      request.end(body);
    });
  }

  #refusal(status: number, body: string): PhanosError {
    const { reason } = parse(body);
    const because = typeof reason === 'string' ? reason : body.slice(0, 200);
    return new PhanosError('COLLECTOR_UNAVAILABLE', `the collector at ${this.name} answered with status ${status}: ${because}`);
  }
}

function parseTarget(url: string): { readonly target: RequestOptions; readonly secure: boolean } {
  if (url.startsWith('unix:')) return { target: { socketPath: url.slice('unix:'.length).replace(/^\/\//, '') }, secure: false };
  const { protocol, hostname, port } = new URL(url);
  return { target: { hostname, ...(port === '' ? {} : { port }) }, secure: protocol === 'https:' };
}

async function read(response: IncomingMessage, limit: number): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk as string;
    if (text.length > limit) throw new Error('the answer is too long for a phanos collector');
  }
  return text;
}

function parse(body: string): { readonly [field: string]: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as { readonly [field: string]: unknown }) : {};
  } catch {
    return {};
  }
}
