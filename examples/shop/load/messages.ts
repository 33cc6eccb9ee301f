import type { Tally } from '../tally.js';

/** What the shop tells the load process. */
export type ToLoad =
  | {
      readonly type: 'start';
      /** Where the shop is. */
      readonly url: string;
      /** Requests per second. */
      readonly rate: number;
      /** Requests in all; undefined for no such limit. */
      readonly requests: number | undefined;
      readonly connections: number;
      readonly seed: number;
    }
  /** A process of the shop was killed; see `AtRisk`. */
  | { readonly type: 'died'; readonly pid: number; readonly at: number }
  | { readonly type: 'stop' };

/** What the load process tells the shop. */
export type FromLoad =
  | { readonly type: 'ready'; readonly supplierUrl: string }
  /** Every request that was sent is answered or lost. */
  | { readonly type: 'done'; readonly tally: Tally; readonly atRisk: Tally; readonly late: number };
