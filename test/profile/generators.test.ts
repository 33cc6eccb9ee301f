import { describe, expect, test } from 'vitest';
import { seen } from './seen.js';
import { turn } from './watched.js';

describe('generators', () => {
  test('generators: their body runs in their context wherever the steps are made, the loop body does not', async () => {
    const found = await seen(({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const items = profile('m:items', function* () {
        leaf();
        yield 1;
        leaf();
        yield 2;
      });
      const outer = profile('m:outer', function* () {
        yield* items();
        leaf();
      });
      const root = profile('m:root', () => {
        for (const _ of outer()) leaf();
        const [first] = items();
        expect(first).toBe(1);
      });
      for (let round = 0; round < 2; round++) root();
      // Made in one call, driven in another: it belongs to where it was made.
      let made: Iterable<number> = [];
      profile('m:maker', () => {
        made = items();
      })();
      profile('m:driver', () => expect([...made]).toEqual([1, 2]))();
    });
    expect(found).toEqual({
      'm:root': 2,
      'm:root.leaf': 4,
      'm:root.outer': 2,
      'm:root.outer.leaf': 2,
      'm:root.outer.items': 2,
      'm:root.outer.items.leaf': 4,
      'm:root.items': 2,
      'm:root.items.leaf': 2,
      'm:maker': 1,
      'm:driver': 1,
      'm:maker.items': 1,
      'm:maker.items.leaf': 2,
    });
  });

  test('async generators and for await', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const load = profile('m:load', async () => {
        await turn();
        leaf();
      });
      const pages = profile('m:pages', async function* () {
        for (let page = 0; page < 2; page++) {
          await load();
          yield page;
        }
      });
      const root = profile('m:root', async () => {
        for await (const _ of pages()) {
          await turn();
          leaf();
        }
      });
      await Promise.all([root(), root()]);
    });
    expect(found).toEqual({ 'm:root': 2, 'm:root.leaf': 4, 'm:root.pages': 2, 'm:root.pages.load': 4, 'm:root.pages.load.leaf': 4 });
  });

  test('generators that end early, throw, or are thrown into', async () => {
    const found = await seen(async ({ profile }) => {
      const leaf = profile('m:leaf', () => 1);
      const items = profile('m:items', function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          leaf();
        }
      });
      for (const _ of items()) break;
      const thrower = items();
      thrower.next();
      expect(() => thrower.throw(new Error('into'))).toThrow('into');
      expect(thrower.next()).toEqual({ done: true, value: undefined });
      const failing = profile('m:failing', async function* () {
        yield 1;
        throw new Error('later');
      });
      await expect(
        (async () => {
          for await (const _ of failing()) leaf();
        })(),
      ).rejects.toThrow('later');
    });
    expect(found).toEqual({ 'm:items': 1, 'm:items !': 1, 'm:items.leaf': 2, 'm:failing !': 1, 'm:leaf': 1 });
  });
});
