/** Numbers for workers: the lowest one that no living worker has, so that a restarted worker goes on under the number of the one before. */
export class WorkerSlots {
  /** Slots by the boot of their holders. */
  readonly #taken = new Map<string, string>();

  /** The slot of this boot, however often it asks. One that is asked for is given even if it is taken, since its holder chose it. */
  take(boot: string, asked: string | undefined): string {
    const known = this.#taken.get(boot);
    if (known !== undefined) return known;
    const taken = new Set(this.#taken.values());
    let slot = asked;
    // 0 is the process that hands the numbers out.
    for (let number = 1; slot === undefined; number++) if (!taken.has(String(number))) slot = String(number);
    this.#taken.set(boot, slot);
    return slot;
  }

  free(boot: string): void {
    this.#taken.delete(boot);
  }
}
