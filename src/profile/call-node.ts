import type { HistogramSeries } from '../metrics/histogram.js';
import type { Site } from './site.js';

/**
 * One distinct call path, interned: a node of the calling context tree.
 *
 * It holds the series of the default metrics, so that a call hashes nothing.
 */
export class CallNode {
  readonly site: Site | undefined;
  readonly parent: CallNode | undefined;
  /** Calls above this one; the root call has 1, the tree's own root 0. */
  readonly depth: number;
  /** Class or module of the root call. */
  readonly item: string;
  /** False for nodes that are made for one call only: the tree is full, the path too deep, or the owner not known yet. */
  readonly interned: boolean;
  /** Node whose series this one uses; itself, unless the path folds. */
  readonly folded: CallNode;
  /** Nothing is measured below the muted node. */
  readonly muted: boolean;
  /** Series of the time metric, by outcome. */
  succeeded: HistogramSeries | undefined;
  failed: HistogramSeries | undefined;
  /** Series of the response size metric, by outcome; of root calls only. */
  size: HistogramSeries | undefined;
  failedSize: HistogramSeries | undefined;
  readonly #children = new Map<string, CallNode>();
  #context: string | undefined;
  #mutedTwin: CallNode | undefined;

  constructor(parts: {
    readonly site?: Site | undefined;
    readonly parent?: CallNode | undefined;
    readonly item?: string;
    readonly interned?: boolean;
    readonly folded?: CallNode | undefined;
    readonly muted?: boolean;
  }) {
    const { site, parent, item = parent?.item ?? '', interned = true, folded, muted = false } = parts;
    this.site = site;
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.item = item;
    this.interned = interned;
    this.folded = folded ?? this;
    this.muted = muted;
  }

  /** `Owner:root.child`, made when first asked for; empty for the tree's own root. */
  get context(): string {
    this.#context ??= this.#makeContext();
    return this.#context;
  }

  /** The same place in the tree, but nothing is profiled below it: hooks of this call run there. */
  get mutedTwin(): CallNode {
    this.#mutedTwin ??= new CallNode({
      site: this.site,
      parent: this.parent,
      item: this.item,
      interned: false,
      folded: this.folded,
      muted: true,
    });
    return this.#mutedTwin;
  }

  /** The call that began the tree; undefined for the tree's own root. */
  get root(): CallNode | undefined {
    let node: CallNode = this;
    while (node.parent !== undefined && node.parent.depth > 0) node = node.parent;
    return node.depth === 0 ? undefined : node;
  }

  get children(): Iterable<CallNode> {
    return this.#children.values();
  }

  child(site: Site): CallNode | undefined {
    return this.#children.get(site.key);
  }

  adopt(site: Site, child: CallNode): void {
    this.#children.set(site.key, child);
  }

  clear(): void {
    this.#children.clear();
  }

  /** From the nearest known context down, without recursion: it would end a deep one of the user's. */
  #makeContext(): string {
    const path: CallNode[] = [];
    let context: string | undefined;
    for (let node: CallNode | undefined = this; node?.site !== undefined && context === undefined; node = node.parent) {
      if (node.#context === undefined) path.push(node);
      else context = node.#context;
    }
    for (const node of path.reverse()) {
      context = context === undefined ? `${node.item}:${node.site?.name}` : `${context}.${node.site?.name}`;
      node.#context = context;
    }
    return context ?? '';
  }
}

/** The node under which nothing is measured: handlers, hooks and other callbacks of the user run there. */
export const MUTED = new CallNode({ muted: true });
