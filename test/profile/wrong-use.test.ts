import { describe, expect, test } from 'vitest';
import { type Profile, Profiler } from '../../src/client.js';
import { counting, counts } from './watched.js';

const { profile, profileAll } = new Profiler();
// JavaScript can do what TypeScript refuses.
const untyped = profile as unknown as (...args: unknown[]) => unknown;

/** What a call throws: the kind of error, its code and its text. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? [error.name, (error as { code?: unknown }).code, error.message] : error;
  }
  return 'nothing';
}

describe('profile refuses what it cannot profile, and says what to do', () => {
  test.each<[string, () => unknown, string]>([
    ['a class', () => untyped(class Shop {}), 'profile: got a class; decorate its methods, or the class with @profileAll()'],
    [
      'a class by name',
      () => untyped('shop:Shop', class Shop {}),
      'profile: got a class; decorate its methods, or the class with @profileAll()',
    ],
    ['a built-in class', () => untyped('shop:Map', Map), 'profile: got a class; decorate its methods, or the class with @profileAll()'],
    ['nothing', () => untyped(), 'profile: expected a function or a method, got undefined'],
    ['null', () => untyped(null), 'profile: expected a function or a method, got null'],
    ['a number', () => untyped(5), 'profile: expected a function or a method, got 5'],
    ['a name alone', () => untyped('orders:parse'), 'profile: expected a function or a method, got undefined'],
    ['an array', () => untyped('orders:parse', []), 'profile: expected a function or a method, got an array'],
    ['a promise', () => untyped('orders:parse', Promise.resolve()), 'profile: expected a function or a method, got a Promise'],
    ['options and no function', () => untyped({ name: 'a' }, 5), 'profile: expected a function or a method, got 5'],
    ['an arrow without a name', () => untyped(() => 1), "profile: the function has no name; give one: profile('item:name', fn)"],
    ['a function without a name', () => untyped(() => {}), "profile: the function has no name; give one: profile('item:name', fn)"],
    [
      'an arrow with an item only',
      () => untyped({ item: 'orders' }, () => 1),
      "profile: the function has no name; give one: profile('item:name', fn)",
    ],
    ['an empty name', () => untyped('', () => 1), "profile: '' is no name; give 'name' or 'item:name'"],
    ['an empty item', () => untyped(':parse', () => 1), "profile: ':parse' is no name; give 'name' or 'item:name'"],
    ['an item alone', () => untyped('orders:', () => 1), "profile: 'orders:' is no name; give 'name' or 'item:name'"],
    ['an unknown option', () => untyped({ nmae: 'x' }, () => 1), "profile: unknown option 'nmae', did you mean 'name'?"],
    ['a wrong name', () => untyped({ name: 5 }, () => 1), 'profile: name must be a non-empty string, got 5'],
    ['a wrong item', () => untyped({ item: '' }, () => 1), "profile: item must be a non-empty string, got ''"],
    ['a wrong context', () => untyped({ context: 'deep' }, () => 1), "profile: context must be 'auto' or 'exact', got 'deep'"],
    ['a wrong errorIf', () => untyped({ errorIf: true }, () => 1), 'profile: errorIf must be a function, got true'],
    ['a wrong sizeOf', () => untyped({ sizeOf: 12 }, () => 1), 'profile: sizeOf must be a function, got 12'],
  ])('%s', (_what, call, message) => {
    const [name, code, text] = thrownBy(call) as string[];
    expect([name, text]).toEqual(['TypeError', message]);
    expect(['OPTION_INVALID', 'OPTION_UNKNOWN']).toContain(code);
  });

  test('arguments in the wrong order', () => {
    const swapped = (): unknown => untyped((): number => 1, 'orders:parse');
    expect(thrownBy(swapped)).toEqual(['TypeError', 'OPTION_INVALID', "profile: the name comes first: profile('orders:parse', …)"]);
  });

  test('a class inside of options that come first', () => {
    const decorator = profile({ context: 'exact' }) as unknown as (target: unknown) => unknown;
    expect(thrownBy(() => decorator(class Shop {}))).toEqual(['TypeError', 'OPTION_INVALID', expect.stringContaining('got a class')]);
  });

  test('a decorated class', () => {
    const wrong = profile as unknown as (target: unknown, context: ClassDecoratorContext) => undefined;
    expect(
      thrownBy(() => {
        @wrong
        class Shop {}
        return Shop;
      }),
    ).toEqual(['TypeError', 'OPTION_INVALID', expect.stringContaining('got a class')]);
  });

  test('a decorated field that is no function, when an instance is made', () => {
    const wrong = profile as unknown as (target: undefined, context: ClassFieldDecoratorContext) => undefined;
    class Shop {
      @wrong size = 5;
    }
    expect(thrownBy(() => new Shop())).toEqual([
      'TypeError',
      'OPTION_INVALID',
      "profile: value of the field 'size' must be a function, got 5",
    ]);
  });
});

describe('profileAll refuses', () => {
  const wrong = profileAll as unknown as (options?: unknown) => (target: unknown) => void;

  test.each<[string, () => unknown, string]>([
    ['an unknown option', () => wrong({ acessors: true }), "profileAll: unknown option 'acessors', did you mean 'accessors'?"],
    ['what is no object', () => wrong('all'), "profileAll: options must be an object, got 'all'"],
    [
      'a member that is not there',
      () =>
        wrong({ only: ['plce'] })(
          class Shop {
            place(): void {}
          },
        ),
      "profileAll: class Shop has no method 'plce', did you mean 'place'?; fields that hold a function are decorated with @profile one by one",
    ],
    [
      'an exception that is not there',
      () =>
        wrong({ except: ['toString', 'open'] })(
          class {
            close(): void {}
          },
        ),
      "profileAll: class (unnamed) has no method 'open', known are close; fields that hold a function are decorated with @profile one by one",
    ],
    ['what is no class', () => wrong()({}), 'profileAll: decorated thing must be a class, got an object'],
    ['to be used without parentheses', () => wrong(class Shop {}), expect.stringContaining('@profileAll()')],
    ['a wrong only', () => wrong({ only: 'run' }), expect.stringContaining('only')],
    ['a wrong except', () => wrong({ except: 'run' }), expect.stringContaining('except')],
    ['a wrong statics', () => wrong({ statics: 1 }), expect.stringContaining('statics')],
    ['a wrong accessors', () => wrong({ accessors: 'yes' }), expect.stringContaining('accessors')],
    ['a wrong context', () => wrong({ context: 'deep' }), expect.stringContaining('context')],
  ])('%s', (_what, call, message) => {
    const [name, , text] = thrownBy(call) as string[];
    expect([name, text]).toEqual(['TypeError', message]);
  });
});

test('what is refused leaves no trace: the function can be profiled rightly afterwards', () => {
  const parse = (text: string): string => text;
  const { profile: own } = new Profiler();
  expect(thrownBy(() => (own as unknown as (...args: unknown[]) => unknown)({ sizeOf: 12 }, parse))).toEqual([
    'TypeError',
    'OPTION_INVALID',
    expect.any(String),
  ]);
  expect((own satisfies Profile)('orders:parse', parse)('x')).toBe('x');
});

test('a frozen function is no class: it is profiled, by profile and by profileAll', async () => {
  const profiler = counting();
  const frozen = Object.freeze(function frozen(n: number): number {
    return n + 1;
  });
  const wrapped = profiler.profile('shop:frozen', frozen);
  class Shop {
    static readonly Inner = class Inner {};
    static sell: (n: number) => number;
    readonly isOpen = true;
  }
  Shop.sell = frozen;
  profiler.profileAll()(Shop);
  expect([wrapped(1), Shop.sell(2), new Shop.Inner()]).toEqual([2, 3, expect.any(Shop.Inner)]);
  expect(await counts(profiler)).toEqual({ 'shop:frozen': 1, 'Shop:sell': 1 });
});

test.each([
  ['a frozen class', Object.freeze(class Frozen {})],
  ['a class of the language', Map],
  ['a class of Node.js', URL],
])('%s is a class', (_what, Class) => {
  expect(() => counting().profile('shop:made', Class as never)).toThrow(
    'profile: got a class; decorate its methods, or the class with @profileAll()',
  );
});
