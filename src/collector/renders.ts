import { type RenderKeeper, SharedRender } from './shared-render.js';

/** Milliseconds within which readers share a render: what they see is no older than that when they ask. */
const WINDOW = 100;
/** Bytes that all renders may keep for slow readers together. */
const KEPT = 32 * 1024 * 1024;

/** The renders under way. */
export class Renders implements RenderKeeper {
  readonly #latest = new Map<string, SharedRender>();
  readonly #all = new Set<SharedRender>();
  #kept = 0;

  /**
   * What somebody else is just being given, or a new render.
   * @param key the same for those who may be given the same
   */
  open(key: string, start: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const latest = this.#latest.get(key);
    if (latest?.isJoinable === true) return latest.read();
    const render = new SharedRender(start(), this);
    this.#latest.set(key, render);
    this.#all.add(render);
    const chunks = render.read();
    setTimeout(() => {
      render.closeDoor();
      if (this.#latest.get(key) === render) this.#latest.delete(key);
    }, WINDOW).unref();
    return chunks;
  }

  /** Makes room where most is kept; the slowest readers there lose their connection. */
  kept(bytes: number): void {
    this.#kept += bytes;
    while (this.#kept > KEPT) {
      const fullest = [...this.#all].reduce((a, b) => (a.kept >= b.kept ? a : b));
      if (!fullest.dropOldest()) return;
    }
  }

  done(render: SharedRender): void {
    this.#all.delete(render);
  }
}
