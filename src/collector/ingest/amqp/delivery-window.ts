import type { ConsumeMessage } from 'amqplib';

/**
 * The messages of one consumer between their arrival and their acknowledgement. They may be done in any order; they are acknowledged in groups, each up to
 * the last one before which everything is done.
 */
export class DeliveryWindow {
  readonly #acknowledge: (last: ConsumeMessage, messages: number) => void;
  readonly #underway: Delivery[] = [];
  #isScheduled = false;
  #whenEmpty: (() => void) | undefined;

  /** @param acknowledge acknowledges this message and all before it; told how many they are */
  constructor(acknowledge: (last: ConsumeMessage, messages: number) => void) {
    this.#acknowledge = acknowledge;
  }

  /** Messages that are not acknowledged yet. */
  get size(): number {
    return this.#underway.length;
  }

  /** Takes a message in. The returned function tells that it is done. */
  add(message: ConsumeMessage): () => void {
    const delivery = { message, isDone: false };
    this.#underway.push(delivery);
    return () => {
      delivery.isDone = true;
      if (this.#isScheduled || this.#underway[0]?.isDone !== true) return;
      this.#isScheduled = true;
      // What one sync made safe is done within one turn, and takes one acknowledgement.
      setImmediate(() => this.#settle());
    };
  }

  /** Resolves once there is nothing to wait for. */
  async empty(): Promise<void> {
    if (this.#underway.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  #settle(): void {
    this.#isScheduled = false;
    let done = 0;
    while (this.#underway[done]?.isDone === true) done++;
    if (done === 0) return;
    const { message } = this.#underway[done - 1]!;
    this.#underway.splice(0, done);
    this.#acknowledge(message, done);
    if (this.#underway.length === 0) this.#whenEmpty?.();
  }
}

interface Delivery {
  readonly message: ConsumeMessage;
  isDone: boolean;
}
