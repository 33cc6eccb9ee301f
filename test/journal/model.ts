import { Journal } from '../../src/collector/journal/journal.js';
import { eventually } from '../support/eventually.js';
import { ListState } from './list-state.js';
import { logSink } from './log-sink.js';
import { type FaultyCall, MemoryDisk } from './memory-disk.js';

export type Command =
  | { readonly kind: 'append'; readonly count: number; readonly size: number }
  | { readonly kind: 'settle' }
  | { readonly kind: 'turn'; readonly turns: number }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'fault'; readonly call: FaultyCall; readonly times: number; readonly partly: number; readonly code: string }
  | { readonly kind: 'heal' }
  | { readonly kind: 'close' }
  | { readonly kind: 'crash'; readonly how: 'kill' | 'power' };

/**
 * A program that appends to a journal on a disk where anything may happen, beside the account of what the journal owes it:
 *
 * - `owed`: acknowledged, or found at a start and then built upon. Must be found at every later start.
 * - `open`: appended, and nobody knows. May be found, or not.
 * - everything else that was appended was refused for good and must never be found.
 */
export class Model {
  readonly disk: MemoryDisk;
  readonly #owed = new Set<string>();
  readonly #open = new Set<string>();
  #refused: string[] = [];
  #journal: Journal | undefined;
  #state = new ListState(7);
  #pending: Promise<void>[] = [];
  #count = 0;

  constructor(random: () => number) {
    this.disk = new MemoryDisk(random);
  }

  /** Starts the program. What the start finds is checked against what is owed. */
  async start(): Promise<void> {
    this.#state = new ListState(7);
    const state = this.#state;
    this.#journal = await Journal.open({
      directory: '/data',
      state,
      fs: this.disk.connect(),
      snapshotBytes: 3000,
      retryAfter: 1,
      logger: logSink(),
    });
    this.#checkFound();
    const found = new Set(state.entries);
    // What was not found never will be, once the journal builds on what it found.
    this.#refused = [...this.#open].filter((entry) => !found.has(entry));
    if (this.#journal.state.ready) this.#settleOpen();
  }

  async run(command: Command): Promise<void> {
    if (this.#journal === undefined) await this.#startHoweverOften();
    const journal = this.#journal!;
    switch (command.kind) {
      case 'append':
        for (let n = 0; n < command.count; n++) this.#append(journal, command.size);
        break;
      case 'settle':
        await Promise.all(this.#pending);
        break;
      case 'turn':
        for (let turn = 0; turn < command.turns; turn++) await new Promise(setImmediate);
        break;
      case 'snapshot':
        this.#pending.push(journal.snapshot().catch(() => {}));
        break;
      case 'fault':
        this.disk.fail(command.call, { ...command, of: /segment|snapshot|data$/ });
        break;
      case 'heal':
        this.disk.heal();
        break;
      case 'close':
        await journal.close();
        await Promise.all(this.#pending);
        this.#journal = undefined;
        break;
      case 'crash':
        this.disk.crash(command.how);
        this.#pending = [];
        this.#journal = undefined;
        break;
    }
  }

  /** The disk works again: the journal gets ready, takes a record, and a last start finds exactly what is owed. */
  async finish(): Promise<void> {
    this.disk.heal();
    if (this.#journal === undefined) await this.start();
    const journal = this.#journal!;
    await eventually('the journal is ready', () => journal.state.ready);
    await Promise.all(this.#pending);
    this.#append(journal, 10);
    await Promise.all(this.#pending);
    await journal.close();
    await this.start();
    const found = this.#state.entries;
    const superfluous = found.filter((entry) => !this.#owed.has(entry));
    if (superfluous.length > 0) throw new Error(`found at the end, but not owed: ${superfluous.join()}`);
    await this.#journal!.close();
  }

  #append(journal: Journal, size: number): void {
    this.#count++;
    const entry = `${this.#count}:${'x'.repeat(size)}`;
    const state = this.#state;
    this.#open.add(entry);
    const done = journal.append(Buffer.from(entry)).then(
      () => {
        if (state !== this.#state) return;
        state.entries.push(entry);
        this.#open.delete(entry);
        this.#owed.add(entry);
        this.#settleOpen();
      },
      () => {
        if (state === this.#state) this.#refused.push(entry);
      },
    );
    this.#pending.push(done);
  }

  /** The journal builds on what it has: what was found is owed from now on, what was refused is gone. */
  #settleOpen(): void {
    for (const entry of this.#refused) this.#open.delete(entry);
    this.#refused = [];
    for (const entry of this.#open) if (this.#state.entries.includes(entry)) this.#owed.add(entry);
    for (const entry of this.#owed) this.#open.delete(entry);
  }

  #checkFound(): void {
    const found = this.#state.entries;
    const numbers = found.map((entry) => Number.parseInt(entry, 10));
    for (let n = 1; n < numbers.length; n++) {
      if (!(numbers[n]! > numbers[n - 1]!)) throw new Error(`found ${numbers[n]} behind ${numbers[n - 1]}`);
    }
    const foundSet = new Set(found);
    const lost = [...this.#owed].filter((entry) => !foundSet.has(entry));
    if (lost.length > 0) throw new Error(`lost what was acknowledged: ${lost.map((entry) => entry.slice(0, 8)).join()}`);
    const risen = found.filter((entry) => !this.#owed.has(entry) && !this.#open.has(entry));
    if (risen.length > 0) throw new Error(`found what was refused or never appended: ${risen.map((entry) => entry.slice(0, 8)).join()}`);
  }

  /** A start may meet a fault that forbids it; but the fault is the only reason why it may. */
  async #startHoweverOften(): Promise<void> {
    for (;;) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (!String(error instanceof Error && error.cause).includes('injected')) throw error;
      }
    }
  }
}
