import type { DiagnosticCount } from 'phanos';
import type { Fault } from '../service/faults.js';
import type { PriceRow } from '../service/price-list.js';
import type { Visit } from '../service/server.js';
import type { ShopSurroundings } from '../service/shop.js';

/** The shop's own messages between primary and workers. Those of phanos travel on the same channel, in a field of their own. */

export type ToWorker =
  | {
      readonly type: 'open';
      readonly port: number;
      readonly surroundings: Omit<ShopSurroundings, 'onPrices'>;
      /** What has changed since the shop opened. */
      readonly prices: readonly PriceRow[];
    }
  | { readonly type: 'prices'; readonly rows: readonly PriceRow[] }
  | { readonly type: 'close' };

export type FromWorker =
  /** It listens; what was sent before would be lost. */
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly url: string }
  | { readonly type: 'failed'; readonly sentence: string }
  | { readonly type: 'prices'; readonly rows: readonly PriceRow[] }
  | { readonly type: 'visited'; readonly visit: Visit }
  | { readonly type: 'faulted'; readonly fault: Fault }
  | { readonly type: 'closed'; readonly refused: readonly DiagnosticCount[] };
