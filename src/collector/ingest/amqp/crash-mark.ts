import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** File of the mark in the data folder. */
const NAME = 'amqp-crashes';
/** Milliseconds before the first message, for each crash in a row from the third on: 1000 of them take more than an hour then, and a few next to nothing. */
const PAUSE = 25;
const LONGEST = 5000;
/** Milliseconds after which a life counts as one that lasts. */
const LASTING = 30_000;

/**
 * Remembers in a file how often this collector has crashed in a row. Each crash counts as a delivery of every message that was under way, and after 1000 of
 * them the broker takes a message for dead: a collector that crashes at once must not do so many times a second.
 */
export class CrashMark {
  readonly #file: string;
  #lasting: NodeJS.Timeout | undefined;

  constructor(dataDir: string) {
    this.#file = join(dataDir, NAME);
  }

  /** Begins a life; returns the milliseconds to wait before the first message. */
  async begin(): Promise<number> {
    const text = await readFile(this.#file, 'utf8').catch(() => '0');
    const crashes = /^\d{1,6}\s*$/.test(text) ? Number(text) : 0;
    await this.#write(crashes + 1);
    this.#lasting = setTimeout(() => void this.#write(1), LASTING).unref();
    return crashes < 3 ? 0 : Math.min(PAUSE * crashes, LONGEST);
  }

  /** Ends a life in order. */
  async end(): Promise<void> {
    clearTimeout(this.#lasting);
    await rm(this.#file, { force: true }).catch(() => undefined);
  }

  /** Where it can't be written there is a journal that can't be either, and that is told. */
  async #write(crashes: number): Promise<void> {
    await writeFile(this.#file, `${crashes}\n`).catch(() => undefined);
  }
}
