import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { Served, ServeOptions } from './embedded-collector.js';

type Serve = (options: ServeOptions) => Promise<Served>;

/** The server that answers for all workers: whoever asks first says where, this process itself or one of its workers. */
export class FirstServer {
  readonly #serve: Serve;
  readonly #diagnostics: Diagnostics;
  #first: { readonly address: string; readonly isWorkers: boolean; readonly serving: Promise<Served> } | undefined;

  constructor(serve: Serve, diagnostics: Diagnostics) {
    this.#serve = serve;
    this.#diagnostics = diagnostics;
  }

  /** This process asks. It may have several servers; one that a worker asked for with the same address is this one. */
  own(options: ServeOptions): Promise<Served> {
    const first = this.#first;
    return first?.isWorkers && first.address === addressOf(options) ? first.serving : this.#listen(options, false);
  }

  /** A worker asks: there is one server for all of them. */
  forWorkers(options: ServeOptions): Promise<Served> {
    const first = this.#first;
    if (first === undefined) return this.#listen(options, true);
    const asked = addressOf(options);
    if (asked !== first.address) {
      this.#diagnostics.count('serve_differs', asked);
      const message = `a worker asked to serve on ${asked}, but ${first.address} was asked for first and serves all; give all of them the same options`;
      this.#diagnostics.report('warn', `serve_differs ${asked}`, { asked, serving: first.address }, message);
    }
    return first.serving;
  }

  #listen(options: ServeOptions, isWorkers: boolean): Promise<Served> {
    const over = (): void => {
      if (this.#first?.serving === serving) this.#first = undefined;
    };
    const serving = this.#serve(options).then(
      ({ close, ...served }) => ({
        ...served,
        close: () => {
          over();
          return close();
        },
      }),
      (error: unknown) => {
        over();
        throw error;
      },
    );
    this.#first ??= { address: addressOf(options), isWorkers, serving };
    return serving;
  }
}

/** Where the options lead, the defaults filled in. */
function addressOf({ host = '127.0.0.1', port = 9464 }: ServeOptions): string {
  return `${host}:${port}`;
}
