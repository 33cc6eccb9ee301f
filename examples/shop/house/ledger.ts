import { AtRisk } from '../at-risk.js';
import { Faults } from '../service/faults.js';
import type { Visit } from '../service/server.js';
import { countAnswer, emptyTally, type Tally } from '../tally.js';

/** What the shop's processes told, kept where it outlives them. */
export class Ledger {
  /** Requests of others than the load process: yours, for example. */
  readonly visitors: Tally = emptyTally();
  readonly faults = new Faults();
  readonly #atRisk = new AtRisk();

  /** Visits whose calls may be counted nowhere. */
  get atRisk(): Tally {
    return this.#atRisk.tally;
  }

  visited(pid: number, visit: Visit): void {
    const counts = this.visitors[visit.route];
    counts.sent++;
    countAnswer(counts, visit.status, visit.bytes);
    this.#atRisk.answered(pid, visit);
  }

  died(pid: number, at: number): void {
    this.#atRisk.died(pid, at);
  }
}
