// What the door hands out is a value and a type of the same name, and a class to extend.
import { consoleLogger, type Logger, PhanosError, type PhanosErrorCode } from 'phanos';

export const error: PhanosError = new PhanosError('CLOSED', 'the profiler is closed');
export const code: PhanosErrorCode = error.code;
export const logger: Logger = consoleLogger();

export class ShopError extends PhanosError {
  readonly shop = 'corner';
}
export const shopError: ShopError = new ShopError('CLOSED', 'the shop is closed');

// @ts-expect-error a code that there is none of
new PhanosError('OPEN', 'the shop is open');
