import type { Diagnostics } from '../diagnostics/diagnostics.js';
import { CallNode, MUTED } from './call-node.js';
import type { Limits } from './limits.js';
import { FOLD, type Site } from './site.js';

/** The calling context tree of a profiler: every call path that was seen, up to a limit. */
export class CallTree {
  readonly root = new CallNode({});
  readonly #diagnostics: Diagnostics;
  limits: Limits;
  #size = 0;
  /** Where the series of paths go that are not remembered. */
  #overflow: CallNode | undefined;

  constructor(limits: Limits, diagnostics: Diagnostics) {
    this.limits = limits;
    this.#diagnostics = diagnostics;
  }

  /** Call paths that are remembered. */
  get size(): number {
    return this.#size;
  }

  /** The node of a call of `site` below `parent`, made if need be. */
  enter(parent: CallNode, site: Site, self: unknown): CallNode {
    if (parent.muted) return MUTED;
    const owner = site.ownerOf(self);
    const item = parent.depth === 0 ? owner : parent.item;
    const known = parent.child(site);
    if (known !== undefined) return known;
    if (parent.folded !== parent || parent.depth >= this.limits.contextDepth) return this.#deep(parent, site);
    if (this.#size >= this.limits.callNodes) {
      this.#diagnostics.count('call_paths');
      this.#diagnostics.report(
        'warn',
        'call_paths',
        { limit: this.limits.callNodes },
        'the limit of remembered call paths is reached; calls on new paths are timed together. Profile fewer functions, or raise limits.callNodes',
      );
      this.#overflow ??= new CallNode({ site: FOLD, parent: this.root, item: FOLD.name });
      return new CallNode({ site, parent, item, interned: false, folded: this.#overflow });
    }
    // A call whose owner isn't known yet would keep the stand-in's name for good. What is below it goes with it.
    if (!parent.interned || !site.isResolved) return new CallNode({ site, parent, item, interned: false });
    const node = new CallNode({ site, parent, item });
    parent.adopt(site, node);
    this.#size++;
    return node;
  }

  /** Forgets all call paths. Calls that are running keep theirs. */
  clear(): void {
    this.root.clear();
    this.#overflow = undefined;
    this.#size = 0;
  }

  /** Recursion: the record's path names every level, the series of all deeper levels are those of `….name`. */
  #deep(parent: CallNode, site: Site): CallNode {
    const { folded } = parent;
    this.#diagnostics.count(folded.site === FOLD ? 'call_paths' : 'context_depth');
    if (folded.site === FOLD) return new CallNode({ site, parent, interned: false, folded });
    const deepest = folded === parent ? parent : (folded.parent?.parent ?? parent);
    let fold = deepest.child(FOLD);
    if (fold === undefined) {
      fold = new CallNode({ site: FOLD, parent: deepest });
      deepest.adopt(FOLD, fold);
    }
    let leaf = fold.child(site);
    if (leaf === undefined) {
      leaf = new CallNode({ site, parent: fold });
      fold.adopt(site, leaf);
    }
    return new CallNode({ site, parent, interned: false, folded: leaf });
  }
}
