import { promisify } from 'node:util';
import { constants, deflate, deflateSync, inflateSync } from 'node:zlib';
import { batchFault } from './batch-codec/batch-fault.js';

/** Content encodings of a batch. `deflate` is the zlib format, as in HTTP. */
export type BatchEncoding = 'deflate' | 'identity';

/** A body as it travels. */
export interface PackedBatch {
  readonly body: Uint8Array;
  readonly encoding: BatchEncoding;
}

/** Smaller bodies fit in one network packet anyway. */
const WORTH_BYTES = 1024;
/** 8 MiB, as many as a reader of batches takes by default. */
const MAX_BYTES = 8 * 1024 * 1024;

const deflateAside = promisify(deflate);

const FASTEST = { level: constants.Z_BEST_SPEED };

/** Compresses a document outside of the main thread, at the fastest level; one that would not become smaller is left as it is. */
export async function packBatch(body: Uint8Array): Promise<PackedBatch> {
  if (body.byteLength < WORTH_BYTES) return { body, encoding: 'identity' };
  return smaller(body, await deflateAside(body, FASTEST));
}

/** As {@link packBatch}, at once: for the end of a process. */
export function packBatchNow(body: Uint8Array): PackedBatch {
  return body.byteLength < WORTH_BYTES ? { body, encoding: 'identity' } : smaller(body, deflateSync(body, FASTEST));
}

function smaller(body: Uint8Array, packed: Uint8Array): PackedBatch {
  return packed.byteLength < body.byteLength ? { body: packed, encoding: 'deflate' } : { body, encoding: 'identity' };
}

/**
 * Gives the document back. Throws `BATCH_INVALID` if the body can't be unpacked, or would have more than `maxBytes`, of which no more than those are
 * ever held.
 *
 * @param encoding as it came with the body; empty or missing is `identity`
 * @param maxBytes 8_388_608 by default
 */
export function unpackBatch(body: Uint8Array, encoding: string | undefined, maxBytes = MAX_BYTES): Uint8Array {
  if (encoding === undefined || encoding === '' || encoding === 'identity') {
    if (body.byteLength > maxBytes) throw batchFault('', `it has ${body.byteLength} bytes, where ${maxBytes} are allowed`);
    return body;
  }
  if (encoding !== 'deflate')
    throw batchFault('', `content encoding '${encoding.slice(0, 60)}', where deflate and identity are understood`);
  try {
    return inflateSync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLong = error instanceof RangeError;
    throw batchFault('', isTooLong ? `unpacked it has more than the ${maxBytes} bytes that are allowed` : 'it can not be unpacked', error);
  }
}
