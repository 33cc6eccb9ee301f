import { type BucketLayout, bucketTargets } from './bucket-targets.js';

/** Bounds and scale that producers have announced for a family. */
export class Layout implements BucketLayout {
  readonly bounds: readonly number[];
  readonly divisor: number;
  /** Living producers that have announced it. */
  announcers = 0;

  constructor({ bounds, divisor }: BucketLayout) {
    this.bounds = [...bounds];
    this.divisor = divisor;
  }
}

/** Layouts that are kept before those are forgotten that nobody announces. */
const MANY = 64;

/** Layouts that one producer may announce for one family; what goes beyond is still put into other bounds, but never takes over. */
const MAX_ANNOUNCED = 16;

/** The layouts that living producers announce, the one that is in use among them, in order of their first announcement. */
export class Layouts {
  #known: Layout[];
  #current: Layout;

  /** @param current index of the layout in use */
  constructor(known: readonly BucketLayout[], current = 0) {
    this.#known = known.map((layout) => new Layout(layout));
    this.#current = this.#known[current]!;
  }

  get current(): Layout {
    return this.#current;
  }

  get known(): readonly Layout[] {
    return this.#known;
  }

  /** The layout with these bounds as they are exposed, whatever its scale. */
  find(layout: BucketLayout): Layout {
    const known = this.#known.find((candidate) => bucketTargets(candidate, layout) === undefined);
    if (known !== undefined) return known;
    if (this.#known.length >= MANY) this.#prune();
    const added = new Layout(layout);
    this.#known.push(added);
    return added;
  }

  /** Adds a layout to those that a living producer has announced. */
  announce(announced: Layout[], layout: Layout): void {
    if (announced.includes(layout) || announced.length >= MAX_ANNOUNCED) return;
    announced.push(layout);
    layout.announcers++;
    if (!this.#known.includes(layout)) this.#known.push(layout);
  }

  /** Their producer is dead. */
  withdraw(announced: readonly Layout[]): void {
    for (const layout of announced) layout.announcers--;
  }

  /** The newest layout that a living producer announces if none announces the one in use; it is that one from now on. */
  takeOver(): Layout | undefined {
    if (this.#current.announcers > 0) return undefined;
    const newest = this.#known.findLast(({ announcers }) => announcers > 0);
    if (newest === undefined) return undefined;
    this.#current = newest;
    this.#prune();
    return newest;
  }

  #prune(): void {
    this.#known = this.#known.filter((layout) => layout === this.#current || layout.announcers > 0);
  }
}
