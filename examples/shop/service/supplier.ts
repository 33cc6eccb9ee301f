import { profile } from 'phanos';
import { HttpError } from './answer.js';
import { supplierState } from './metrics.js';
import type { Order, OrderLine } from './order.js';

/** Milliseconds after which an answer is not waited for any longer. */
const PATIENCE = 2000;

/** The supplier, another service, which is asked over HTTP and has bad moments. */
export class Supplier {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Has the supplier put the goods aside; a 502 says that it didn't. */
  @profile
  async reserve({ number, lines }: Order): Promise<string> {
    const response = await this.#ask('/reservations', { order: number, lines });
    if (response.status === 201) supplierState.state('answered');
    else {
      supplierState.state('refused');
      await response.body?.cancel();
      throw new HttpError(502, `the supplier answered ${response.status}`);
    }
    const { reservation } = (await response.json()) as { reservation: string };
    return reservation;
  }

  @profile
  async #ask(path: string, body: { order: number; lines: readonly OrderLine[] }): Promise<Response> {
    try {
      return await fetch(this.#url + path, { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE) });
    } catch (cause) {
      supplierState.state('refused');
      throw new HttpError(502, 'the supplier did not answer', { cause });
    }
  }
}
