import { expect, test } from 'vitest';
import { Renders } from '../../src/collector/renders.js';
import { eventually } from '../support/eventually.js';

/** A source that tells how many chunks were taken from it, and whether it was closed. */
class Source {
  taken = 0;
  isClosed = false;
  readonly #chunks: number;
  readonly #size: number;

  constructor(chunks: number, size: number) {
    this.#chunks = chunks;
    this.#size = size;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    try {
      while (this.taken < this.#chunks) {
        await Promise.resolve();
        yield new Uint8Array(this.#size).fill(this.taken++);
      }
    } finally {
      this.isClosed = true;
    }
  }
}

const MB = 1024 * 1024;

async function firstBytes(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of chunks) bytes.push(chunk[0]!);
  return bytes;
}

test('readers that come together share one render, each gets all of it', async () => {
  const source = new Source(20, 10);
  const renders = new Renders();
  const readers = Array.from({ length: 50 }, () => renders.open('a', () => source.read()));
  const expected = Array.from({ length: 20 }, (_, i) => i);
  for (const received of await Promise.all(readers.map(firstBytes))) expect(received).toEqual(expected);
  expect(source.taken).toBe(20);
});

test('another key and a render that is over are not shared', async () => {
  const renders = new Renders();
  const sources = [new Source(2, 1), new Source(2, 1), new Source(2, 1)] as const;
  const a = renders.open('a', () => sources[0].read());
  const b = renders.open('b', () => sources[1].read());
  expect(await Promise.all([firstBytes(a), firstBytes(b)])).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(await firstBytes(renders.open('a', () => sources[2].read()))).toEqual([0, 1]);
  expect(sources.map(({ taken }) => taken)).toEqual([2, 2, 2]);
});

test('who comes later than 100 ms gets a render of their own', async () => {
  const renders = new Renders();
  const first = renders.open('a', () => new Source(3, 1).read());
  await first.next();
  let started = 0;
  await eventually('a newcomer gets a new render', async () => {
    const next = renders.open('a', () => {
      started++;
      return new Source(1, 1).read();
    });
    await next.next();
    await next.return(undefined);
    return started > 0;
  });
  expect(await firstBytes(first)).toEqual([1, 2]);
});

test('a slow reader holds up nobody, and gets what it has not read yet', async () => {
  const renders = new Renders();
  const source = new Source(30, MB);
  const slow = renders.open('a', () => source.read());
  const fast = renders.open('a', () => source.read());
  await slow.next();
  expect((await firstBytes(fast)).length).toBe(30);
  expect((await firstBytes(slow)).length).toBe(29);
});

test('beyond 32 MiB for slow readers of all renders the slowest are given up', async () => {
  const renders = new Renders();
  const slow = renders.open('a', () => new Source(60, MB).read());
  const fast = renders.open('a', () => new Source(60, MB).read());
  await slow.next();
  expect((await firstBytes(fast)).length).toBe(60);
  await expect(firstBytes(slow)).rejects.toThrow('too slow');
});

test('a source waits for its readers, and ends with the last of them', async () => {
  const renders = new Renders();
  const source = new Source(1000, 1);
  const one = renders.open('a', () => source.read());
  const other = renders.open('a', () => source.read());
  await one.next();
  await other.next();
  await other.next();
  expect(source.taken).toBe(2);
  await one.return(undefined);
  expect(source.isClosed).toBe(false);
  await other.return(undefined);
  expect(source.isClosed).toBe(true);
});

test('when a source breaks, each of its readers hears of it', async () => {
  const renders = new Renders();
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw new Error('broken');
  };
  const readers = Array.from({ length: 3 }, () => renders.open('a', source));
  const late = renders.open('a', source);
  await late.next();
  for (const reader of readers) await expect(firstBytes(reader)).rejects.toThrow('broken');
  await expect(late.next()).rejects.toThrow('broken');
});
