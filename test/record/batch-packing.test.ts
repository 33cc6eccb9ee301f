import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packBatch, unpackBatch } from '../../src/record/batch-packing.js';

const MIB = 1024 * 1024;

test('what is packed is smaller, and unpacks to the same bytes', async () => {
  const body = Buffer.from(JSON.stringify(Array.from({ length: 2000 }, (_, i) => [i, i + 1, 'text'])));
  const { body: packed, encoding } = await packBatch(body);
  expect(encoding).toBe('deflate');
  expect(packed.length).toBeLessThan(body.length / 2);
  expect(Buffer.compare(unpackBatch(packed, encoding), body)).toBe(0);
});

test('what would not become smaller stays as it is', async () => {
  const small = Buffer.from('[1,2,3]');
  const noise = crypto.getRandomValues(new Uint8Array(5000));
  for (const body of [small, noise]) {
    const packed = await packBatch(body);
    expect(packed.encoding).toBe('identity');
    expect(packed.body).toBe(body);
    expect(unpackBatch(packed.body, packed.encoding)).toBe(body);
  }
});

test('a body without an encoding is what it is', () => {
  const body = Buffer.from('x');
  expect(unpackBatch(body, undefined)).toBe(body);
  expect(unpackBatch(body, '')).toBe(body);
});

test('another encoding is refused by its name', () => {
  expect(() => unpackBatch(gzipSync('x'), 'gzip')).toThrow(
    expect.objectContaining({
      code: 'BATCH_INVALID',
      message: expect.stringContaining("content encoding 'gzip', where deflate and identity are understood"),
    }),
  );
});

test('a small body that would unpack to much is refused', () => {
  const bomb = deflateSync(Buffer.alloc(100 * MIB));
  expect(bomb.length).toBeLessThan(MIB);
  expect(() => unpackBatch(bomb, 'deflate')).toThrow(
    expect.objectContaining({
      code: 'BATCH_INVALID',
      message: expect.stringContaining('unpacked it has more than the 8388608 bytes that are allowed'),
    }),
  );
});

test('the limit counts unpacked bytes, packed or not', () => {
  const body = Buffer.alloc(1000);
  expect(unpackBatch(deflateSync(body), 'deflate', 1000)).toHaveLength(1000);
  expect(unpackBatch(body, 'identity', 1000)).toHaveLength(1000);
  for (const [bytes, encoding] of [
    [deflateSync(body), 'deflate'],
    [body, 'identity'],
  ] as const) {
    expect(() => unpackBatch(bytes, encoding, 999)).toThrow(expect.objectContaining({ code: 'BATCH_INVALID' }));
  }
});

test('what can not be unpacked is refused, wherever it is broken', () => {
  const packed = deflateSync(Buffer.from('some text that is not so short, some text that is not so short'));
  for (let length = 0; length < packed.length; length++) {
    expect(() => unpackBatch(packed.subarray(0, length), 'deflate')).toThrow(expect.objectContaining({ code: 'BATCH_INVALID' }));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(() => unpackBatch(bytes, 'deflate')).toThrow(expect.objectContaining({ code: 'BATCH_INVALID' }));
    }),
  );
});
