import { escapeLabelValue } from '../../exposition/label-text.js';

/** Labels that tell who measured. */
const JOB = 'job';
const INSTANCE = 'instance';

/**
 * All producers of one job on one instance. What they add up to carries their labels where the collector shows them, and expires when the last of them
 * has been dead for long.
 */
export class Group {
  readonly id: number;
  readonly job: string;
  readonly instance: string;
  /** Label text of the series where new label sets of the job fold into. On the wire it has no label values at all. */
  readonly overflow: string;
  readonly #prefixes: readonly string[];
  /** Producers that live. */
  live = 0;
  /** Producers that are known, dead or alive. */
  members = 0;
  /** When the last producer died; undefined while one lives, or before there was any. */
  diedAt: number | undefined;

  /** @param shown whether job and instance are labels of the series */
  constructor(id: number, job: string, instance: string, shown: boolean) {
    this.id = id;
    this.job = job;
    this.instance = instance;
    const labels = shown ? [label(JOB, job), label(INSTANCE, instance)] : ['', ''];
    this.#prefixes = [0, 1, 2, 3].map((hidden) => joined(labels.filter((_, i) => (hidden & (1 << i)) === 0)));
    this.overflow = joined([labels[0]!, shown ? label(INSTANCE, '') : '', 'phanos_overflow="true"']);
  }

  /**
   * Text of the labels in front of those of a series, without a comma at its end.
   * @param hidden what {@link hiddenBy} says of the family's labels
   */
  prefix(hidden: number): string {
    return this.#prefixes[hidden]!;
  }

  /** The text of labels in which more labels of the identity give way. */
  hide(labels: string, hidden: number, more: number): string {
    if (more === hidden) return labels;
    const own = labels.slice(this.prefix(hidden).length).replace(/^,/, '');
    return joined([this.prefix(more), own]);
  }
}

/**
 * What is to become of a series whose group is this one: it is `over`, it lives on with another group, or it stays as it is.
 * @param hidden which labels of the identity it does without, as {@link hiddenBy} says: producers that differ in them alone have added to it, too
 */
export type FateOf = (group: Group, hidden: number) => Group | 'over' | undefined;

/** Which labels of the identity give way to labels of the same name that a family declares; 0 for none. */
export function hiddenBy(labelNames: readonly string[]): number {
  return (labelNames.includes(JOB) ? 1 : 0) | (labelNames.includes(INSTANCE) ? 2 : 0);
}

/** What the overflow series of a job does without, as {@link hiddenBy} says it. */
export const HIDDEN_IN_OVERFLOW = hiddenBy([INSTANCE]);

/** Empty values are written: with `honor_labels` Prometheus puts its own label where none is, but not where an empty one is. */
function label(name: string, value: string): string {
  return `${name}="${escapeLabelValue(value)}"`;
}

function joined(labels: readonly string[]): string {
  return labels.filter((text) => text !== '').join(',');
}
