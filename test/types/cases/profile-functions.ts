// What `profile` makes of a function has the function's own type, whichever form is used.
import { type Profile, Profiler, profile, type profiler } from 'phanos';
import { type Same, same } from './same.js';

const plain = (a: number, b?: string, ...rest: boolean[]): string => `${a}${b}${rest.length}`;
const later = async (a: number): Promise<{ readonly id: number }> => ({ id: a });
function generic<T extends { id: number }, K extends keyof T>(value: T, key: K): T[K] {
  return value[key];
}
function overloaded(value: string): string;
function overloaded(value: number): number;
function overloaded(value: number | string): number | string {
  return value;
}
function withThis(this: { readonly count: number }, by: number): number {
  return this.count + by;
}
function isText(value: unknown): value is string {
  return typeof value === 'string';
}
function assertText(value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new TypeError('no text');
}
function* some(count: number): Generator<number, string, boolean> {
  const go = yield count;
  return String(go);
}
async function* stream(count: number): AsyncGenerator<number, void, undefined> {
  yield count;
}
const withProperties = Object.assign((a: number): number => a, { version: 1, displayName: 'with properties' } as const);
const thenable = (): PromiseLike<number> => Promise.resolve(1);
function Point(this: { x: number }, x: number): void {
  this.x = x;
}

// profile(fn)
export const plain1 = profile(plain);
same<Same<typeof plain1, typeof plain>>();
// profile(name, fn)
export const plain2 = profile('orders:plain', plain);
same<Same<typeof plain2, typeof plain>>();
// profile(options, fn)
export const plain3 = profile({ item: 'orders', name: 'plain', context: 'exact' }, plain);
same<Same<typeof plain3, typeof plain>>();
// profile(options)(fn)
export const plain4 = profile({ item: 'orders' })(plain);
same<Same<typeof plain4, typeof plain>>();
// the same of another profiler
export const plain5 = new Profiler().profile('orders:plain', plain);
same<Same<typeof plain5, typeof plain>>();
same<Same<typeof profiler.profile, Profile>>();
same<Same<typeof profile, Profile>>();

export const later1 = profile(later);
same<Same<typeof later1, typeof later>>();
export const generic1 = profile('orders:generic', generic);
same<Same<typeof generic1, typeof generic>>();
export const generic2 = profile({ name: 'generic' }, generic);
same<Same<typeof generic2, typeof generic>>();
export const generic3 = profile({ name: 'generic' })(generic);
same<Same<typeof generic3, typeof generic>>();
export const overloaded1 = profile(overloaded);
same<Same<typeof overloaded1, typeof overloaded>>();
export const withThis1 = profile('orders:withThis', withThis);
same<Same<typeof withThis1, typeof withThis>>();
export const isText1 = profile(isText);
same<Same<typeof isText1, typeof isText>>();
export const assertText1: typeof assertText = profile(assertText);
export const some1 = profile(some);
same<Same<typeof some1, typeof some>>();
export const stream1 = profile(stream);
same<Same<typeof stream1, typeof stream>>();
export const withProperties1 = profile('orders:withProperties', withProperties);
same<Same<typeof withProperties1, typeof withProperties>>();
export const thenable1 = profile(thenable);
same<Same<typeof thenable1, typeof thenable>>();
export const point1 = profile('shapes:Point', Point);
same<Same<typeof point1, typeof Point>>();

// They are used as the originals are.
export const text: string = plain1(1, 'b', true, false);
export const found: Promise<{ readonly id: number }> = later1(1);
export const name: string = generic1({ id: 1, name: 'x' }, 'name');
export const lengths: [string, number] = [overloaded1('a'), overloaded1(1)];
export const count: number = withThis1.call({ count: 1 }, 2);
export const version: 1 = withProperties1.version;
export function narrow(value: unknown): string {
  if (isText1(value)) return value;
  assertText1(value);
  return value;
}

// Written in place.
export const parse = profile('orders:parse', (text: string): unknown => JSON.parse(text));
same<Same<typeof parse, (text: string) => unknown>>();
export const add = profile(
  { name: 'orders:add', errorIf: (sum: number) => sum < 0, sizeOf: () => undefined },
  (a: number, b: number) => a + b,
);
same<Same<typeof add, (a: number, b: number) => number>>();
export const identity = profile('orders:identity', <T>(value: T): T => value);
same<Same<typeof identity, <T>(value: T) => T>>();

// @ts-expect-error a wrong argument, as without profile
plain1('1');
// @ts-expect-error too few arguments
void later1();
// @ts-expect-error no such key
generic1({ id: 1 }, 'name');
// @ts-expect-error none of the overloads
overloaded1(true);
// @ts-expect-error a wrong this
withThis1.call({ count: '1' }, 2);
// @ts-expect-error no such property
export const missing = withProperties1.missing;
// @ts-expect-error the result is a promise
export const notAwaited: { readonly id: number } = later1(1);

class Shop {
  readonly name = 'corner';
}
abstract class Base {
  abstract run(): void;
}
// @ts-expect-error a class
profile(Shop);
// @ts-expect-error a class by name
profile('shop:Shop', Shop);
// @ts-expect-error a class with options
profile({ name: 'Shop' }, Shop);
// @ts-expect-error a class after options
profile({ name: 'Shop' })(Shop);
// @ts-expect-error an abstract class
profile(Base);
// @ts-expect-error a built-in class
profile('shop:Map', Map);
// @ts-expect-error nothing
profile();
// @ts-expect-error a name alone
profile('orders:parse');
// @ts-expect-error no function
profile(5);
// @ts-expect-error no function either
profile('orders:parse', { parse: true });
// @ts-expect-error a promise of a function is no function
profile('orders:parse', Promise.resolve(plain));
// @ts-expect-error perhaps no function
profile('orders:parse', plain as typeof plain | undefined);
// @ts-expect-error the name comes first
profile(plain, 'orders:plain');

// @ts-expect-error an unknown option
profile({ nmae: 'plain' }, plain);
// @ts-expect-error a wrong name
profile({ name: 5 }, plain);
// @ts-expect-error a wrong context
profile({ context: 'deep' }, plain);
// @ts-expect-error errorIf tells with true or false
profile({ errorIf: () => 'yes' }, plain);
// @ts-expect-error sizeOf is a function
profile({ sizeOf: 12 }, plain);
// @ts-expect-error sizes are numbers
profile({ sizeOf: () => '12' }, plain);
// @ts-expect-error an option that is there but undefined, under exactOptionalPropertyTypes
profile({ name: undefined }, plain);
