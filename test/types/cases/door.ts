// What the door hands out is a value and a type of the same name, and a class to extend.
import { Counter, consoleLogger, Enum, Gauge, type Logger, PhanosError, type PhanosErrorCode, Profiler, profiler } from 'phanos';

export const error: PhanosError = new PhanosError('CLOSED', 'the profiler is closed');
export const code: PhanosErrorCode = error.code;
export const logger: Logger = consoleLogger();
export const another: Profiler = new Profiler();
export const main: Profiler = profiler;

export const plain: Counter = new Counter({ name: 'plain' });
export const sold: Counter<'kind' | 'shop'> = new Counter({ name: 'sold', labelNames: ['kind', 'shop'] });
export const mood: Enum<'kind', 'bad' | 'good'> = new Enum({ name: 'mood', labelNames: ['kind'], states: ['bad', 'good'] });

export class ShopCounter extends Counter<'shop'> {
  readonly shop = 'corner';
  sell(): void {
    this.inc(1, { shop: this.shop });
  }
}
export class Stock<L extends string> extends Gauge<L> {}

export const corner: Counter<'shop'> = new ShopCounter({ name: 'corner', labelNames: ['shop'] });
export const stock: Gauge<'kind'> = new Stock<'kind'>({ name: 'stock', labelNames: ['kind'] });

// @ts-expect-error a code that there is none of
new PhanosError('OPEN', 'the shop is open');
// @ts-expect-error the labels of another metric
export const wrong: Counter<'kind'> = new ShopCounter({ name: 'corner', labelNames: ['shop'] });
