/** Numbers for workers: the lowest one that no living worker has, so that a restarted worker goes on under the number of the one before. */
export class WorkerSlots {
  readonly #taken = new Set<string>();

  /** Takes a slot; one that is asked for is given even if it is taken, since its holder chose it. */
  take(asked: string | undefined): string {
    let slot = asked;
    // 0 is the process that hands the numbers out.
    for (let number = 1; slot === undefined; number++) if (!this.#taken.has(String(number))) slot = String(number);
    this.#taken.add(slot);
    return slot;
  }

  free(slot: string): void {
    this.#taken.delete(slot);
  }
}
