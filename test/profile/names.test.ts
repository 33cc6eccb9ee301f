import { describe, expect, test } from 'vitest';
import { counting, counts } from './watched.js';

/** Call paths that a piece of program leaves. */
async function pathsOf(
  program: (profile: ReturnType<typeof counting>['profile'], profileAll: ReturnType<typeof counting>['profileAll']) => unknown,
): Promise<string[]> {
  const profiler = counting();
  await program(profiler.profile, profiler.profileAll);
  return Object.keys(await counts(profiler)).sort();
}

describe('functions', () => {
  test('the item is the base name of the file that wraps it, unless one is given', async () => {
    const named = function parse(): void {};
    expect(
      await pathsOf((profile) => {
        profile(named)();
        profile('check', named)();
        profile({ name: 'option' }, named)();
        profile({ name: 'option' })(named)();
        profile('orders:store', named)();
        profile({ name: 'orders:load' }, named)();
        profile({ item: 'orders', name: 'find' }, named)();
        profile({ item: 'orders' }, named)();
        profile('orders:a:b', named)();
      }),
    ).toEqual([
      'names.test:check',
      'names.test:option',
      'names.test:parse',
      'orders:a:b',
      'orders:find',
      'orders:load',
      'orders:parse',
      'orders:store',
    ]);
  });

  test('however it is wrapped: bound, in a helper of the same file, by another profiler first', async () => {
    const other = counting();
    expect(
      await pathsOf((profile) => {
        const helper = (fn: () => void): (() => void) => profile(fn);
        helper(function helped(): void {})();
        profile(function original(): void {}.bind(undefined))();
        profile(other.profile(function both(): void {}))();
        const { profile: detached } = { profile };
        detached(function loose(): void {})();
      }),
    ).toEqual(['names.test:both', 'names.test:bound original', 'names.test:helped', 'names.test:loose']);
  });

  test('a function with another name is another call, also when it is profiled already', async () => {
    expect(
      await pathsOf((profile) => {
        const first = profile('orders:first', (): void => {});
        const again = profile(first);
        expect(again).toBe(first);
        first();
        profile('orders:second', first)();
      }),
    ).toEqual(['orders:first', 'orders:second', 'orders:second.first']);
  });

  test('whatever Error was told by tools', async () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    try {
      Error.prepareStackTrace = () => 'mapped';
      Error.stackTraceLimit = 0;
      expect(await pathsOf((profile) => profile(function parse(): void {})())).toEqual(['names.test:parse']);
      expect(Error.stackTraceLimit).toBe(0);
      expect(Error.prepareStackTrace?.(new Error('x'), [])).toBe('mapped');
    } finally {
      Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    }
  });
});

describe('classes', () => {
  test('as compiled by esbuild, where names are kept: methods, statics, private methods, fields, in classes with and without a decorator of their own', async () => {
    const counted = (_target: unknown, _context: ClassDecoratorContext): void => {};
    expect(
      await pathsOf((profile) => {
        class Plain {
          @profile run(): void {
            this.#inner();
          }
          @profile #inner(): void {}
          @profile static make(): Plain {
            return new this();
          }
          @profile arrow = (): void => {};
          callInner(): void {
            this.#inner();
          }
        }
        @counted
        class Decorated {
          @profile run(): void {
            this.#inner();
          }
          @profile #inner(): void {}
          @profile static make(): Decorated {
            return new Decorated();
          }
          @profile arrow = (): void => {};
          @profile static arrow = (): void => {};
          callInner(): void {
            this.#inner();
          }
        }
        for (const one of [Plain.make(), Decorated.make()]) {
          one.run();
          one.callInner();
          one.arrow();
        }
        Decorated.arrow();
      }),
    ).toEqual([
      'Decorated:#inner',
      'Decorated:arrow',
      'Decorated:make',
      'Decorated:run',
      'Decorated:run.#inner',
      'Plain:#inner',
      'Plain:arrow',
      'Plain:make',
      'Plain:run',
      'Plain:run.#inner',
    ]);
  });

  test('a method belongs to the class that declares it, whoever calls it first', async () => {
    expect(
      await pathsOf((profile) => {
        class Base {
          @profile run(): void {}
          @profile arrow = (): void => {};
          @profile #inner(): void {}
          callInner(): void {
            this.#inner();
          }
          @profile static make(): void {}
        }
        class Derived extends Base {
          override run(): void {
            super.run();
          }
        }
        const derived = new Derived();
        derived.run();
        derived.arrow();
        derived.callInner();
        Derived.make();
        const { run } = Base.prototype;
        run.call({});
        run.call(undefined as unknown as Base);
        run.call(Object.create(null) as Base);
      }),
    ).toEqual(['Base:#inner', 'Base:arrow', 'Base:make', 'Base:run']);
  });

  test('a method that is called before its class is known takes its name from then on, as a child too', async () => {
    const profiler = counting();
    const { profile } = profiler;
    class Shop {
      @profile run(): void {}
    }
    const { run } = Shop.prototype;
    const outer = profile('m:outer', () => run.call(undefined as unknown as Shop));
    outer();
    outer();
    new Shop();
    outer();
    const text = await profiler.metrics();
    const series = [...text.matchAll(/^phanos_time_profiler_seconds_count\{method="m:outer.run",function="(.*?)",.*\} (\d+)$/gm)];
    expect(series.map(([, name, count]) => [name, count])).toEqual([
      ['names.test.run', '2'],
      ['Shop.run', '1'],
    ]);
  });

  test('objects: methods of literals, classes made in factories, instances without a constructor', async () => {
    expect(
      await pathsOf((profile) => {
        const service = { find: profile('service:find', (): void => {}) };
        service.find();
        const make = (): { run(): void } => {
          class Made {
            @profile run(): void {}
          }
          return new Made();
        };
        make().run();
        make().run();
        class Bare {
          @profile run(): void {}
        }
        (Object.create(Bare.prototype) as Bare).run();
      }),
    ).toEqual(['Bare:run', 'Made:run', 'service:find']);
  });

  test('hostile receivers do no harm', async () => {
    expect(
      await pathsOf((profile) => {
        class Shop {
          @profile run(): string {
            return 'done';
          }
        }
        const { run } = Shop.prototype;
        const traps = new Proxy(
          {},
          {
            getOwnPropertyDescriptor: () => {
              throw new Error('trap');
            },
            getPrototypeOf: () => {
              throw new Error('trap');
            },
          },
        );
        for (const receiver of [
          traps,
          5,
          'text',
          null,
          Symbol('s'),
          Object.defineProperty({}, 'constructor', {
            get: () => {
              throw new Error('trap');
            },
          }),
        ]) {
          expect(run.call(receiver as Shop)).toBe('done');
        }
      }),
    ).toEqual(['names.test:run']);
  });
});

test('profileAll: own methods, statics, symbols; no getter runs, inherited and replaced members stay as they are', async () => {
  let getters = 0;
  const key = Symbol('key');
  expect(
    await pathsOf((_profile, profileAll) => {
      class Base {
        inherited(): void {}
      }
      class Shop extends Base {
        static part = class Part {};
        static text = 'text';
        run(): void {}
        async later(): Promise<void> {}
        *some(): Generator<number> {
          yield 1;
        }
        [key](): void {}
        static make(): Shop {
          return new Shop();
        }
        get size(): number {
          return ++getters;
        }
        set size(_size: number) {
          getters++;
        }
        static get count(): number {
          return ++getters;
        }
      }
      Object.defineProperty(Shop.prototype, 'sealed', { value: () => 'sealed', configurable: false });
      const before = Shop.part;
      profileAll()(Shop);
      profileAll()(Shop);
      expect(getters).toBe(0);
      expect(Shop.part).toBe(before);
      expect(Object.getOwnPropertyDescriptor(Shop.prototype, 'run')).toMatchObject({
        enumerable: false,
        writable: true,
        configurable: true,
      });
      const shop = Shop.make();
      shop.run();
      shop.inherited();
      shop[key]();
      shop.size += Shop.count;
      expect([...shop.some()]).toEqual([1]);
      expect(getters).toBe(3);
      return shop.later();
    }),
  ).toEqual(['Shop:[key]', 'Shop:later', 'Shop:make', 'Shop:run', 'Shop:some']);
});
