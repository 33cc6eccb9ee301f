import type { IncomingMessage } from 'node:http';

/** Why a body was not read. */
export type BodyRefusal = 'aborted' | 'busy' | 'too_large';

/** Bounds on bodies that are being read, or wait to be made safe. */
export interface BodyLimits {
  /**
   * Bytes of one body, as it comes.
   * @default 8_388_608 (8 MiB)
   */
  readonly bytes: number;
  /**
   * Bytes of all bodies together.
   * @default 67_108_864 (64 MiB)
   */
  readonly pendingBytes: number;
}

export const BODY_LIMITS: BodyLimits = { bytes: 8 << 20, pendingBytes: 64 << 20 };

/** A body with what counts for it, until it is given back. */
export type ReadBody = { readonly body: Buffer } | { readonly refusal: BodyRefusal };

/** Reads the bodies of requests, within bounds. */
export class RequestBodies {
  readonly #limits: BodyLimits;
  #pendingBytes = 0;
  #bytes = 0;

  constructor(limits: BodyLimits = BODY_LIMITS) {
    this.#limits = limits;
  }

  /** Bytes of bodies that are being read or worked on. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes of all bodies that were read. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Hands over the body, or why it can't be had. Its bytes count as pending until `use` is done; what that throws is thrown on.
   *
   * @param goOn tells a client that asked (`Expect: 100-continue`) to send the body
   */
  async read(request: IncomingMessage, goOn: () => void, use: (read: ReadBody) => Promise<void> | void): Promise<void> {
    const { bytes, pendingBytes } = this.#limits;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bytes) return use({ refusal: 'too_large' });
    if (this.#pendingBytes + announced > pendingBytes) return use({ refusal: 'busy' });
    if (request.headers.expect !== undefined) goOn();
    let length = 0;
    const take = (chunk: Buffer): BodyRefusal | undefined => {
      length += chunk.length;
      this.#pendingBytes += chunk.length;
      if (length > bytes) return 'too_large';
      return this.#pendingBytes > pendingBytes ? 'busy' : undefined;
    };
    try {
      await use(await readWhole(request, take));
    } finally {
      this.#pendingBytes -= length;
      this.#bytes += length;
    }
  }
}

async function readWhole(request: IncomingMessage, take: (chunk: Buffer) => BodyRefusal | undefined): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const refusal = take(chunk);
      if (refusal !== undefined) return { refusal };
      chunks.push(chunk);
    }
  } catch {
    // The client has gone, or took too long: the server has cut the connection then.
    return { refusal: 'aborted' };
  }
  return { body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) };
}
