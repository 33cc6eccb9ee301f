import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { AtRisk } from '../at-risk.js';
import { LOAD_AGENT, PROCESS_HEADER } from '../service/routes.js';
import { countAnswer, emptyTally, type Tally } from '../tally.js';
import type { Mix, Planned } from './mix.js';

/**
 * Milliseconds of silence after which an answer is given up. Some never come: a connection that a cluster's primary has just passed to a worker when that is
 * killed stays open, and nobody answers there.
 */
const PATIENCE = 5000;
/** Milliseconds that answers under way get at the end. */
const LAST_PATIENCE = 3000;
/** Milliseconds between looks at what is due. */
const TICK = 10;

/** What the load does. */
export interface CustomersOptions {
  readonly url: string;
  /** Requests per second. */
  readonly rate: number;
  /** Requests in all; undefined for no limit. */
  readonly requests: number | undefined;
  /** Most requests at a time, each on a connection of its own that is kept alive. */
  readonly connections: number;
  readonly mix: Mix;
}

/** Sends requests at a fixed rate over a few connections and counts them. */
export class Customers {
  readonly tally: Tally = emptyTally();
  readonly atRisk = new AtRisk();
  /** Requests that were due but not sent, because every connection was waiting for an answer. */
  late = 0;
  readonly #options: CustomersOptions;
  readonly #agent: Agent;
  readonly #timer: NodeJS.Timeout;
  readonly #start = performance.now();
  #due = 0;
  #sent = 0;
  #waiting = 0;
  #idle: (() => void) | undefined;

  constructor(options: CustomersOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections });
    this.#timer = setInterval(() => this.#sendDue(), TICK);
  }

  /** Sends nothing more and waits for the answers that are still to come; what has none after a while is lost. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const impatience = setTimeout(() => this.#agent.destroy(), LAST_PATIENCE);
    if (this.#waiting > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    clearTimeout(impatience);
    this.#agent.destroy();
  }

  /** What can't be sent at its time is never sent: a backlog would turn a slow moment into a storm. */
  #sendDue(): void {
    const { rate, requests = Number.POSITIVE_INFINITY, connections, mix } = this.#options;
    const due = Math.floor(((performance.now() - this.#start) / 1000) * rate);
    for (; this.#due < due && this.#sent < requests; this.#due++) {
      if (this.#waiting < connections) void this.#send(mix.next());
      else this.late++;
    }
  }

  async #send(planned: Planned): Promise<void> {
    const { route } = planned;
    const counts = this.tally[route];
    counts.sent++;
    this.#sent++;
    this.#waiting++;
    try {
      const { status, body, pid } = await this.#exchange(planned);
      countAnswer(counts, status, body.length);
      this.atRisk.answered(pid, { route, status, bytes: body.length });
      if (route === 'POST /orders' && status === 201)
        this.#options.mix.remember((JSON.parse(body.toString()) as { number: number }).number);
    } catch {
      counts.lost++;
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#idle?.();
    }
  }

  async #exchange({ method, path, headers, body }: Planned): Promise<{ status: number; body: Buffer; pid: number }> {
    const outgoing = request(this.#options.url + path, {
      method,
      agent: this.#agent,
      headers: { 'user-agent': LOAD_AGENT, ...headers },
      timeout: PATIENCE,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    // Without a listener, an error behind the first byte of the answer would end the process; the answer itself reports it.
    outgoing.on('error', () => undefined);
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    return { status: incoming.statusCode ?? 0, body: Buffer.concat(chunks), pid: Number(incoming.headers[PROCESS_HEADER]) };
  }
}
