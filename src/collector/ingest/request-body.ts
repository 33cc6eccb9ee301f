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

/** Reads the bodies of requests, within bounds. */
export class RequestBodies {
  readonly #limits: BodyLimits;
  #pendingBytes = 0;

  constructor(limits: BodyLimits = BODY_LIMITS) {
    this.#limits = limits;
  }

  /** Bytes of bodies that are being read or worked on. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Hands the body to `use`, or tells why it can't be had. Its bytes count until `use` is done. */
  async read<T>(request: IncomingMessage, use: (body: Buffer) => Promise<T> | T): Promise<T | BodyRefusal> {
    const { bytes, pendingBytes } = this.#limits;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bytes) return 'too_large';
    if (this.#pendingBytes + announced > pendingBytes) return 'busy';
    let length = 0;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        this.#pendingBytes += chunk.length;
        if (length > bytes) return 'too_large';
        if (this.#pendingBytes > pendingBytes) return 'busy';
        chunks.push(chunk);
      }
      return await use(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    } catch (error) {
      if (request.complete) throw error;
      return 'aborted';
    } finally {
      this.#pendingBytes -= length;
    }
  }
}
