import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallNode, MUTED } from './call-node.js';
import type { RecordBuffer } from './record-buffer.js';
import type { AnyFunction } from './site.js';

/**
 * Where a line of execution stands in the call tree: one for each asynchronous call, and one for everything else.
 *
 * Synchronous calls move its pointer and put it back: synchronous sections can't interleave.
 */
export class Frame {
  node: CallNode;
  /** Where records go; undefined outside of calls, and while nobody collects records. */
  buffer: RecordBuffer | undefined;
  /** True in the after hooks of a call that failed. */
  failed = false;
  /** What the call threw, in its after hooks. */
  error: unknown = undefined;

  constructor(node: CallNode, buffer: RecordBuffer | undefined) {
    this.node = node;
    this.buffer = buffer;
  }
}

/**
 * Finds the frame of the running code.
 *
 * The AsyncLocalStorage is made when the first asynchronous call needs it: on Node 20 and 22 one `run` taxes every promise of the process.
 */
export class CallContext {
  readonly base: Frame;
  storage: AsyncLocalStorage<Frame> | undefined;

  constructor(root: CallNode) {
    this.base = new Frame(root, undefined);
  }

  current(): Frame {
    return this.storage === undefined ? this.base : (this.storage.getStore() ?? this.base);
  }

  /** Calls a function in a frame of its own, which all that it awaits or starts inherits. */
  run(frame: Frame, fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    this.storage ??= new AsyncLocalStorage<Frame>();
    return this.storage.run(frame, Reflect.apply, fn, self, args as unknown[]);
  }

  /** Calls a callback of the user where nothing is profiled; what it starts stays unprofiled once frames are in use. */
  mute<T>(callback: () => T): T {
    if (this.storage !== undefined) return this.storage.run(new Frame(MUTED, undefined), callback);
    const frame = this.base;
    const { node } = frame;
    frame.node = MUTED;
    try {
      return callback();
    } finally {
      frame.node = node;
    }
  }

  /** Makes sure that what is muted or called from now on stays so across its promises. */
  useFrames(): void {
    this.storage ??= new AsyncLocalStorage<Frame>();
  }

  /** Gives the storage back; calls that are under way lose their place in the tree. */
  close(): void {
    this.storage?.disable();
    this.storage = undefined;
  }
}
