// What only TC39 decorators can decorate.
import { profile } from 'phanos';
import { type Same, same } from './same.js';

export class Shop {
  @profile #open(by: number): number {
    return by;
  }
  @profile static #forge(): string {
    return 'forged';
  }
  @profile get #secret(): string {
    return 'secret';
  }
  @profile accessor level = 1;
  @profile static accessor shared: string | undefined;
  @profile accessor #hidden = 1;
  @profile arrow = (a: number): number => this.#open(a);
  @profile asyncArrow = async <T>(value: T): Promise<T> => value;
  @profile static arrow = (): string => Shop.#forge();
  @profile readonly typed: (a: string, b?: number) => void = () => undefined;
  @profile readonly #field = (): string => this.#secret;
  @profile({ name: 'named' }) withOptions = (): number => this.#hidden;
  @profile({ name: 'named' }) accessor withOptionsToo = 1;

  all(): unknown[] {
    return [this.#open(1), this.#field()];
  }
}

const shop = new Shop();
same<Same<typeof shop.arrow, (a: number) => number>>();
same<Same<typeof shop.asyncArrow, <T>(value: T) => Promise<T>>>();
same<Same<typeof shop.typed, (a: string, b?: number) => void>>();
same<Same<typeof shop.level, number>>();
same<Same<typeof Shop.shared, string | undefined>>();

export class Wrong {
  // @ts-expect-error a field that is no function
  @profile size = 5;
  // @ts-expect-error a field that may be no function
  @profile maybe: (() => void) | undefined = undefined;
  // @ts-expect-error a class in a field
  @profile Part = class {};
  // @ts-expect-error a field that is no function, with options
  @profile({ name: 'size' }) named = 5;
}
