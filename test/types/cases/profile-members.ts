// Decorated members keep their types, in both kinds of decorators.
import { type Profile, Profiler, profile, profileAll, profiler } from 'phanos';
import { type Same, same } from './same.js';

const own = new Profiler();
const tag = Symbol('tag');

abstract class Shop<Item extends { readonly id: number }> {
  protected readonly items: Item[] = [];

  @profile add(item: Item): this {
    this.items.push(item);
    return this;
  }
  @profile async find(id: number): Promise<Item | undefined> {
    return this.items.find((item) => item.id === id);
  }
  @profile pick<K extends keyof Item>(item: Item, key: K): Item[K] {
    return item[key];
  }
  @profile isItem(value: unknown): value is Item {
    return typeof value === 'object';
  }
  parse(value: string): string;
  parse(value: number): number;
  @profile parse(value: number | string): number | string {
    return value;
  }
  @profile bound(this: Shop<Item>, by: number): number {
    return this.items.length + by;
  }
  @profile *each(): Generator<Item> {
    yield* this.items;
  }
  @profile async *stream(): AsyncGenerator<Item> {
    yield* this.items;
  }
  @profile static open(name: string): string {
    return name;
  }
  @profile protected hidden(): void {}
  @profile private own(): void {
    this.own();
  }
  @profile get size(): number {
    return this.items.length;
  }
  @profile set room(room: number) {
    this.items.length = room;
  }
  @profile static get count(): number {
    return 1;
  }
  @profile [tag](): number {
    return 1;
  }
  @profile 'a name'(): number {
    return 1;
  }
  @profile({ name: 'renamed', context: 'exact' }) original(): number {
    return 1;
  }
  @profile({ errorIf: (status: number) => status >= 500, sizeOf: () => 1 }) status(): number {
    return 1;
  }
  @profiler.profile viaProfiler(): number {
    return 1;
  }
  @own.profile viaOwn(): number {
    return 1;
  }
  @profile @own.profile both(): number {
    return 1;
  }
  abstract close(): void;
}

class Books extends Shop<{ readonly id: number; readonly title: string }> {
  @profile override pick<K extends 'id' | 'title'>(item: { id: number; title: string }, key: K): { id: number; title: string }[K] {
    return super.pick(item, key);
  }
  @profile override close(): void {}
}

export const books = new Books();
same<Same<ReturnType<Books['find']>, Promise<{ readonly id: number; readonly title: string } | undefined>>>();
same<Same<typeof Shop.open, (name: string) => string>>();
same<Same<Books['size'], number>>();
same<Same<Books['each'], () => Generator<{ readonly id: number; readonly title: string }>>>();
export const title: string = books.pick({ id: 1, title: 'x' }, 'title');
export const chained: Books = books.add({ id: 1, title: 'x' });
export const parsed: [string, number] = [books.parse('a'), books.parse(1)];
// @ts-expect-error a wrong argument, as without profile
books.add({ id: 'x' });
// @ts-expect-error still private
books.own();
// @ts-expect-error still protected
books.hidden();

@profileAll()
class Everything {
  run(): number {
    return 1;
  }
}
@profileAll({ only: ['run'], except: ['stop'], statics: false, accessors: true, context: 'exact' })
class Chosen extends Everything {
  stop(): void {}
}
@profileAll()
abstract class Abstract {
  abstract run(): void;
}
@own.profileAll()
export class Generic<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}
same<Same<ReturnType<Everything['run']>, number>>();
export const chosen: Chosen = new Chosen();
export class Concrete extends Abstract {
  run(): void {}
}
export const typed: Profile = own.profile;

// @ts-expect-error a decorated class
@profile
export class Whole {}

// @ts-expect-error a decorated class, with options
@profile({ name: 'Whole' })
export class WholeWithOptions {}

// @ts-expect-error profileAll is used with parentheses
@profileAll
export class WithoutParentheses {}

export class Wrong {
  // @ts-expect-error an unknown option
  @profile({ nmae: 'x' }) unknownOption(): void {}
  // @ts-expect-error a wrong option
  @profile({ context: 'deep' }) wrongOption(): void {}
  // @ts-expect-error profileAll is for classes
  @profileAll() method(): void {}
}

// @ts-expect-error an unknown option
profileAll({ acessors: true });
// @ts-expect-error a list of names
profileAll({ only: 'run' });
// @ts-expect-error yes or no
profileAll({ statics: 'yes' });
