import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { normalizeServeOptions, type ServeOptions } from '../record/serve-options.js';
import type { Served } from './embedded-collector.js';

type Serve = (options: ServeOptions) => Promise<Served>;

/** Addresses do without it. */
const HTTP_PORT = 80;

/** A server that runs, or that is about to. */
interface Running {
  /** That was asked for. */
  readonly address: string;
  /** With the port that it got, once it listens. */
  bound: string | undefined;
  readonly keepAlive: boolean;
  readonly isWorkers: boolean;
  readonly serving: Promise<Served>;
}

/** The servers of this process. The first one answers for all workers: whoever asks first says where, this process itself or one of its workers. */
export class FirstServer {
  readonly #serve: Serve;
  readonly #diagnostics: Diagnostics;
  readonly #running = new Set<Running>();

  constructor(serve: Serve, diagnostics: Diagnostics) {
    this.#serve = serve;
    this.#diagnostics = diagnostics;
  }

  /** This process asks. It may have several servers; one that runs at this address already, whoever asked for it, is this one. Port 0 is a new one each time. */
  async own(options: ServeOptions): Promise<Served> {
    const asked = normalizeServeOptions(options);
    const address = addressOf(asked);
    const isSame = ({ address: other, bound, isWorkers }: Running): boolean =>
      bound === address || (other === address && (asked.port !== 0 || isWorkers));
    const known = [...this.#running].find(isSame);
    if (known === undefined) return this.#listen(asked, false);
    if (asked.keepAlive !== known.keepAlive && !known.isWorkers) {
      const message = `serve was called again for ${address} with keepAlive ${asked.keepAlive}; the server that runs there stays as it is. Close it first, or give the same options`;
      this.#diagnostics.report('warn', `serve_again ${address}`, { address }, message);
    }
    return known.serving;
  }

  /** A worker asks: there is one server for all of them. */
  async forWorkers(options: ServeOptions): Promise<Served> {
    const asked = normalizeServeOptions(options);
    const [first] = this.#running;
    if (first === undefined) return this.#listen(asked, true);
    const address = addressOf(asked);
    if (address !== first.address && address !== first.bound) {
      this.#diagnostics.count('serve_differs', address);
      const message = `a worker asked to serve on ${address}, but ${first.address} was asked for first and serves all; give all of them the same options`;
      this.#diagnostics.report('warn', `serve_differs ${address}`, { asked: address, serving: first.address }, message);
    }
    return first.serving;
  }

  #listen(options: Required<ServeOptions>, isWorkers: boolean): Promise<Served> {
    const over = (): void => void this.#running.delete(running);
    const serving = this.#serve(options).then(
      ({ close, ...served }) => {
        running.bound = addressOf({ host: options.host, port: Number(new URL(served.url).port || HTTP_PORT) });
        return {
          ...served,
          close: () => {
            over();
            return close();
          },
        };
      },
      (error: unknown) => {
        over();
        throw error;
      },
    );
    const running: Running = { address: addressOf(options), bound: undefined, keepAlive: options.keepAlive, isWorkers, serving };
    this.#running.add(running);
    return serving;
  }
}

function addressOf({ host, port }: Pick<Required<ServeOptions>, 'host' | 'port'>): string {
  return `${host === 'localhost' ? '127.0.0.1' : host}:${port}`;
}
