import type { CallNode } from './call-node.js';
import type { CallTree } from './call-tree.js';
import type { Site } from './site.js';

/** Finds the nodes of one function's calls. It remembers the last one: most functions are called from one place. */
export class Entry {
  readonly #tree: CallTree;
  readonly #site: Site;
  #lastParent: CallNode | undefined;
  #lastNode: CallNode | undefined;

  constructor(tree: CallTree, site: Site) {
    this.#tree = tree;
    this.#site = site;
  }

  /** The node of a call from `parent` with `self` as its `this`. */
  node(parent: CallNode, self: unknown): CallNode {
    return this.#lastParent === parent ? (this.#lastNode as CallNode) : this.#find(parent, self);
  }

  #find(parent: CallNode, self: unknown): CallNode {
    const node = this.#tree.enter(parent, this.#site, self);
    if (node.interned && !node.muted) {
      this.#lastParent = parent;
      this.#lastNode = node;
    }
    return node;
  }
}
