import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DiagnosticCount } from 'phanos';
import { temporaryFolder } from '../folder.js';
import type { PriceRow } from '../service/price-list.js';
import { HOST } from '../service/routes.js';
import { Trouble } from '../trouble.js';
import { withResolvers } from '../with-resolvers.js';
import { freePort } from './free-port.js';
import { Ledger } from './ledger.js';
import type { HouseOptions, OpenShop, WorkerDeath, WorkerStatus } from './open-shop.js';
import type { FromWorker } from './worker-messages.js';
import { WorkerPlace } from './worker-place.js';

const PROGRAM = fileURLToPath(new URL('worker-main.js', import.meta.url));
/** Milliseconds that a worker gets to close: its server cuts what is under way after 2 s, phanos gives up a silent collector after 5 s. */
const PATIENCE = 10_000;
/** Milliseconds in which all workers have to open. */
const OPENING_PATIENCE = 30_000;
/** Times that each worker may die before one of them opens. */
const FALSE_STARTS = 3;

/** The shop as a cluster: this process is its primary, starts the workers, and starts another where one dies. */
export class Workers implements OpenShop {
  readonly ledger = new Ledger();
  readonly broken: Promise<never>;
  url = '';
  readonly #options: HouseOptions;
  readonly #onDeath: (death: WorkerDeath) => void;
  readonly #break: (reason: Error) => void;
  readonly #open = withResolvers<void>();
  readonly #places: readonly WorkerPlace[];
  readonly #folder = temporaryFolder();
  readonly #key = randomUUID();
  readonly #prices = new Map<number, PriceRow>();
  readonly #refused: DiagnosticCount[] = [];
  #falseStarts = 0;
  #ending = false;

  private constructor(options: HouseOptions, onDeath: (death: WorkerDeath) => void) {
    this.#options = options;
    this.#onDeath = onDeath;
    const { promise, reject } = withResolvers<never>();
    this.broken = promise;
    this.#break = reject;
    // Whoever waits for it hears of it; nobody has to.
    promise.catch(() => undefined);
    cluster.setupPrimary({ exec: PROGRAM, args: [], execArgv: ['--enable-source-maps'] });
    this.#places = Array.from({ length: options.workers }, (_, i) => new WorkerPlace(i + 1));
    for (const place of this.#places) this.#fill(place);
  }

  /** Starts the workers and waits until all of them take requests. Rejects with a sentence if the port is taken. */
  static async open(options: HouseOptions, onDeath: (death: WorkerDeath) => void): Promise<Workers> {
    const port = options.port === 0 ? await freePort(HOST) : options.port;
    const workers = new Workers({ ...options, port }, onDeath);
    const slow = `the workers of the shop did not open within ${OPENING_PATIENCE / 1000} s`;
    const impatience = setTimeout(() => workers.#fail(slow), OPENING_PATIENCE);
    try {
      await Promise.race([workers.#open.promise, workers.broken]);
      return workers;
    } catch (error) {
      await workers.close();
      throw error;
    } finally {
      clearTimeout(impatience);
    }
  }

  get workers(): readonly WorkerStatus[] {
    return this.#places.map(({ status }) => status);
  }

  killOldest(): void {
    const [oldest] = this.#places.filter(({ isOpen }) => isOpen).sort((a, b) => (b.status.up ?? 0) - (a.status.up ?? 0));
    oldest?.kill();
  }

  async close(): Promise<readonly DiagnosticCount[]> {
    this.#ending = true;
    await Promise.all(this.#places.map((place) => place.empty(PATIENCE)));
    return this.#refused;
  }

  #fill(place: WorkerPlace): void {
    place.fill({ heard: (message, pid) => this.#hear(place, message, pid), exited: (pid, how) => this.#exited(place, pid, how) });
  }

  #openIn(place: WorkerPlace): void {
    const { port, supplierUrl, workers } = this.#options;
    place.tell({
      type: 'open',
      port,
      surroundings: { folder: this.#folder, till: { number: place.number, of: workers }, key: this.#key, supplierUrl },
      prices: [...this.#prices.values()],
    });
  }

  #hear(place: WorkerPlace, message: FromWorker, pid: number): void {
    switch (message.type) {
      case 'ready':
        // Who was told to close before it could listen is told again.
        if (this.#ending) place.tell({ type: 'close' });
        else this.#openIn(place);
        break;
      case 'opened':
        this.url = message.url;
        this.#falseStarts = 0;
        if (this.#places.every(({ isOpen }) => isOpen)) this.#open.resolve();
        break;
      case 'failed':
        this.#fail(message.sentence);
        break;
      case 'prices':
        for (const row of message.rows) this.#prices.set(row.id, row);
        for (const other of this.#places) if (other !== place) other.tell(message);
        break;
      case 'visited':
        this.ledger.visited(pid, message.visit);
        break;
      case 'faulted':
        this.ledger.faults.add(message.fault);
        break;
      case 'closed':
        this.#refused.push(...message.refused);
    }
  }

  #exited(place: WorkerPlace, pid: number, how: string): void {
    if (this.#ending) return;
    this.#falseStarts++;
    if (this.#falseStarts > FALSE_STARTS * this.#places.length) {
      this.#fail(`workers of the shop end as soon as they start, the last one with ${how}`);
      return;
    }
    const death = { pid, at: place.killedAt ?? Date.now() };
    place.deaths++;
    this.ledger.died(pid, death.at);
    this.#onDeath(death);
    this.#fill(place);
  }

  #fail(sentence: string): void {
    this.#ending = true;
    this.#break(new Trouble(sentence));
  }
}
