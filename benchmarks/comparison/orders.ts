/** What a worker or thread is told to do. */
export type Order =
  | { readonly do: 'count'; readonly jobs: number }
  | { readonly do: 'observe'; readonly seconds: readonly number[] }
  /** Lets nothing else run for some milliseconds; the answer comes before. */
  | { readonly do: 'block'; readonly for: number }
  /** To end in order. */
  | { readonly do: 'end' };

/** What the driver tells a program: to start a member, to pass on an order to one, or to end one without a warning. */
export type Command =
  | { readonly what: 'start' }
  | { readonly what: 'order'; readonly member: number; readonly order: Order }
  /** By SIGKILL or `terminate`. */
  | { readonly what: 'kill'; readonly member: number };

/** What a program answers: the URL of its metrics at the beginning, then one answer for each command that is done. */
export type Reply = { readonly url: string } | { readonly done: true };
