import { expect, test } from 'vitest';

test('the test runner writes out TC39 decorators: methods, statics, private methods, accessors, fields, generators', () => {
  const seen: string[] = [];
  const note = (_value: unknown, context: DecoratorContext): void => {
    const { kind, name } = context;
    seen.push(`${kind} ${String(name)}`);
    if (kind !== 'class') context.addInitializer(() => seen.push(`initialized ${String(name)}`));
  };
  const twice =
    <T>(method: (this: T, value: number) => number, _context: ClassMethodDecoratorContext) =>
    (...[value]: [number]): number =>
      2 * method.call(undefined as T, value);

  class Sample {
    @note static shared(): void {}
    @note get size(): number {
      return 1;
    }
    @note accessor depth = 0;
    @note arrow = (): number => this.#hidden();
    @note *items(): Generator<number> {
      yield 1;
    }
    @note #hidden(): number {
      return 2;
    }
    @twice double(value: number): number {
      return value;
    }
  }

  const sample = new Sample();
  expect([sample.double(4), sample.arrow(), ...sample.items()]).toEqual([8, 2, 1]);
  expect(seen.filter((line) => !line.startsWith('initialized')).sort()).toEqual([
    'accessor depth',
    'field arrow',
    'getter size',
    'method #hidden',
    'method items',
    'method shared',
  ]);
  expect(seen.filter((line) => line.startsWith('initialized'))).toHaveLength(6);
});
