import type { GoldenFile } from './golden-program.js';

/**
 * Every golden program of Python phanos whose outcome is another one here, with its reason. What is listed has to differ, in exactly these parts,
 * and what is not listed must not.
 */

/** The original is wrong, the design wants something else (its section), or the languages differ. */
type Reason = `BUG: ${string}` | `DESIGN ${number}${'' | `.${number}`}: ${string}` | `JAVASCRIPT: ${string}`;

export type Deviation = { readonly why: Reason } & (
  | {
      /** What the handlers get here, in short, if it is not what they get in Python; the stream's text then differs as well. */
      readonly calls: readonly string[];
      /** The other parts that differ. */
      readonly parts?: readonly string[];
    }
  | { readonly calls?: never; readonly parts: readonly [string, ...string[]] }
);

/** Reasons of several programs. */
const SIZES = 'DESIGN 4.8: what is measured is the size on the wire, not that of an object in memory';
const ISOLATED =
  'BUG: what hooks and handlers throw reaches the caller; here it is counted and logged, and everybody else gets the records';
const OWN_BUFFER = 'BUG: records of roots that run at the same time are mixed';
const ONE_PROFILER = 'DESIGN 4.5: one profiler serves sync and async code, so sync roots hand over their records when they end';
const REFUSED = 'DESIGN 5: what makes no sense to Prometheus is refused, counted and logged';
const ORDER_0_3 = 'DESIGN 4.5: response_size comes first, as in 0.3.2';

export const DEVIATIONS: { readonly [file in GoldenFile]?: Readonly<Record<string, Deviation>> } = {
  sync: {
    nested_class: { why: 'DESIGN 4.1: the declaring class is named, nested or not', calls: ['capture time_profiler: Inner:meth 1'] },
    locals_: {
      why: 'DESIGN 4.1: the declaring class is named, local or not',
      calls: [
        'capture time_profiler: t_sync:local 1',
        'capture time_profiler: L:m 1',
        'capture time_profiler: Db:makes_inner.inner 1, Db:makes_inner 1',
      ],
    },
    odd_callables: {
      why: 'DESIGN 3: a class or an empty item is refused',
      calls: [
        'capture time_profiler: t_sync:<lambda> 1',
        'capture time_profiler: builtins:len 0',
        '2 × capture time_profiler: str:upper 0',
        'capture time_profiler: t_sync:plain 1.5',
        'capture time_profiler: Db:third.second.first 200, Db:third.second 500, Db:third 500',
      ],
    },
    partial_callable: {
      why: 'JAVASCRIPT: a bound function has a name',
      calls: ['capture time_profiler: t_sync:parseInt 0'],
      parts: ['raised'],
    },
    exception_response_size: { why: 'DESIGN 4.8: a call that throws has no response', calls: [] },
    called_inside_except: {
      why: 'BUG: a call made while an error is being handled counts as failed',
      calls: ['capture time_profiler: t_sync:plain 1.5'],
    },
    cleanup_in_except: {
      why: 'BUG: a call made while an error is being handled counts as failed',
      calls: ['capture time_profiler: t_sync:work.plain 1.5, t_sync:work 1.5'],
    },
    generator: { why: 'DESIGN 4.9: generators are timed over their active time', calls: ['capture time_profiler: t_sync:gen 100'] },
    unconfigured: { why: 'BUG: profiled functions of a profiler that is not configured fail', parts: ['raised'] },
    add_handler_before_config: {
      why: 'DESIGN 4.7: handlers may be added at any time; without config nobody calls them',
      parts: ['handlers', 'raised'],
    },
    clock_backwards: { why: 'BUG: the wall clock is used, which may step back', calls: ['capture time_profiler: t_sync:f 0'] },
    force_inside: {
      why: 'BUG: handing over records inside of a call breaks the call tree',
      calls: ['capture time_profiler: t_sync:f.plain 1.5, t_sync:f.plain 1.5, t_sync:f 3', 'capture time_profiler: t_sync:plain 1.5'],
      parts: ['raised'],
    },
  },
  limits: {
    limit_async_cfg_sync_root: {
      why: ONE_PROFILER,
      calls: [
        '2 × capture time_profiler: t_sync:root.leaf 0.01, t_sync:root.leaf 0.01, t_sync:root.leaf 0.01',
        'capture time_profiler: t_sync:root.leaf 0.01, t_sync:root.leaf 0.01, t_sync:root 2.5',
      ],
      parts: ['notes.records_per_handle_call'],
    },
    limit_err: {
      why: 'BUG: records of sync roots pile up until they are thrown away',
      calls: [
        '31 × capture time_profiler: t_sync:root.leaf 0.01, t_sync:root.leaf 0.01, t_sync:root.leaf 0.01',
        'capture time_profiler: t_sync:root 31, t_sync:root 31',
      ],
      parts: ['log', 'notes.records_per_handle_call'],
    },
  },
  hooks: {
    before_raises: {
      why: ISOLATED,
      calls: ['capture time_profiler: t_hooks:f 0', '100 × capture time_profiler: t_hooks:g 1'],
      parts: ['log', 'notes.f_ran', 'notes.handle_calls_after_100', 'notes.handle_calls_after_3_more_roots', 'notes.raised'],
    },
    after_raises: {
      why: ISOLATED,
      calls: ['2 × capture time_profiler: t_hooks:f 0'],
      parts: ['log', 'notes.raised', 'notes.result'],
    },
    after_raises_masks: { why: ISOLATED, calls: ['capture time_profiler: t_hooks:f 0 failed'], parts: ['log', 'notes.raised'] },
    handler_raises: {
      why: ISOLATED,
      calls: [
        'first response_size: t_hooks:f 47',
        'last response_size: t_hooks:f 47',
        'first time_profiler: t_hooks:f 0',
        'last time_profiler: t_hooks:f 0',
        'first response_size: t_hooks:f 47',
        'last response_size: t_hooks:f 47',
        'first time_profiler: t_hooks:f 0',
        'last time_profiler: t_hooks:f 0',
      ],
      parts: ['log', 'notes.raised', 'notes.result'],
    },
    handler_mutates: {
      why: 'DESIGN 4.6: no handler can take records away from the next one',
      calls: ['before time_profiler: t_hooks:f 0', 'after time_profiler: t_hooks:f 0'],
      parts: ['log'],
    },
    change_during_flush: { why: 'BUG: handlers can not be added while one runs', parts: ['raised'] },
    profiled_in_hook: {
      why: 'BUG: hooks run for what they call themselves',
      calls: ['capture time_profiler: t_hooks:f 0'],
      parts: ['raised'],
    },
    profiled_in_handler: { why: 'BUG: what handlers call is profiled', calls: ['2 × capture time_profiler: t_hooks:f 0'] },
    not_callable: { why: 'DESIGN 3: what is ignored is said', parts: ['log'] },
    time_profile_created_midrun: {
      why: 'DESIGN 3: metrics come and go at any time; a second config is warned about',
      calls: ['capture time_profiler: t_hooks:f 0'],
      parts: ['raised'],
    },
  },
  handlers: {
    record_to_str: { why: 'JAVASCRIPT: 5 and 5.0 are one number; a list of pairs is no record of labels', parts: ['notes.cases'] },
    stream_handler: { why: 'DESIGN 4.6: all lines of a call are written at once, streams have no flush', parts: ['notes.ops'] },
    stream_closed: { why: 'DESIGN 3: a broken stream is counted and logged, the program goes on', parts: ['raised'] },
    logger_default_dup: { why: 'BUG: each handler without a logger makes all of them write once more', parts: ['notes.stdout'] },
    async_on_sync: { why: ONE_PROFILER, parts: ['handlers', 'raised'] },
  },
  metrics: {
    labels_and_error: { why: "BUG: the caller's labels are changed", parts: ['notes.caller_dict_after'] },
    labels_dict_reuse: {
      why: "BUG: the caller's labels are changed, and then do not fit another metric",
      calls: ['capture h: t_metrics:f 1 {"a":"1"}', 'capture outside: t_metrics:f 2 {"a":"1"}'],
      parts: ['log'],
    },
    labels_alias: {
      why: 'BUG: a record changes with the labels that the caller gave',
      calls: ['capture h: t_metrics:f 1 {"a":"1"}, t_metrics:f 2 {"a":"2"}'],
    },
    invalid_values: {
      why: 'JAVASCRIPT: integers are numbers like all others; gauges take negative ones (DESIGN 5)',
      calls: [
        'capture h: t_metrics:f 1',
        'capture s: t_metrics:f 2',
        'capture k: t_metrics:f 1',
        'capture g: t_metrics:f -0.5, t_metrics:f -0.5, t_metrics:f 3, t_metrics:f 3, t_metrics:f 3',
      ],
      parts: ['log'],
    },
    odd_floats: {
      why: REFUSED,
      calls: [
        `capture h: ${[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '-0', 5e-324, 1.7976931348623157e308, 1e16, 1e22, 1e-5, 1e-7]
          .concat([0.30000000000000004, 123456789012345680])
          .map((value) => `t_metrics:f ${value}`)
          .join(', ')}`,
      ],
      parts: ['log'],
    },
    label_values_unchecked: {
      why: REFUSED,
      calls: [
        `capture h: ${['1', '1', 'true', 'quo"te', 'back\\slash', 'new\nline', 'comma, equals=1', 'ünïcødé ✓', '', '\u2028']
          .map((value) => `t_metrics:f 1 ${JSON.stringify({ a: value })}`)
          .join(', ')}`,
      ],
      parts: ['log'],
    },
    labels_list_error_on: { why: 'JAVASCRIPT: a list is how label names are given', parts: ['metrics', 'raised'] },
    labels_list_error_off: {
      why: 'JAVASCRIPT: a list is how label names are given',
      calls: ['capture h: t_metrics:f 1 {"a":"1"}'],
      parts: ['log'],
    },
    labels_set_mutated: { why: "BUG: the caller's label names are changed", parts: ['notes.caller_set_after'] },
    enum_unhashable_last: {
      why: 'BUG: a wrong state takes all records of the metric along',
      calls: ['capture e: t_metrics:f on'],
      parts: ['notes.raised_in_call'],
    },
    enum_unhashable_middle: { why: 'DESIGN 3: recording never throws', parts: ['log', 'notes.raised_in_call'] },
    info_reference: { why: REFUSED, calls: [], parts: ['log'] },
    outside_call: {
      why: 'DESIGN 4.5: records made outside of calls have a buffer of their own',
      calls: ['capture h: t_metrics:f 3', 'capture h:  1,  2'],
    },
    readme_example: {
      why: 'DESIGN 3: operations find the running call themselves, so the example works',
      calls: ['capture name: t_metrics:f 2 {"label_name":"label_value"}'],
      parts: ['log'],
    },
    custom_metric: { why: 'DESIGN 3: cleanup comes when every handler was called', parts: ['notes.order'] },
    op_stores_nothing: { why: 'DESIGN 3: an operation may record as often as it likes, or not at all', parts: ['log'] },
    op_stores_two: {
      why: 'DESIGN 3: an operation may record as often as it likes, or not at all',
      calls: ['capture n: t_metrics:f 1, t_metrics:f 1'],
      parts: ['log'],
    },
    toggle_error_label: { why: 'JAVASCRIPT: null and 0 are as good as false', parts: ['notes.0 counts as on', 'notes.None counts as on'] },
    percent_in_name: { why: 'DESIGN 5: names that Prometheus does not know are refused', calls: [], parts: ['metrics', 'raised'] },
  },
  dict_config: {
    defaults: { why: 'DESIGN 3: the defaults are those of config', parts: ['metrics', 'notes.metrics'] },
    deprecated: { why: 'DESIGN 3: the warning goes to the logger, in our own words', parts: ['log', 'notes.warnings'] },
    readme_class: { why: "DESIGN 3: a class is found by its name, so that of Python's README is one", parts: ['handlers', 'raised'] },
    class_unknown: { why: 'DESIGN 3: all is checked before anything is applied', parts: ['metrics', 'notes.job', 'notes.metrics'] },
    ext_lstrip: {
      why: 'BUG: letters of the reference are cut off; here it is found in a closed table or refused',
      parts: ['notes.results'],
    },
    twice: { why: 'DESIGN 3: a metric that the second configuration turns off is removed', parts: ['metrics', 'notes.metrics'] },
  },
  response_size: {
    sizes: { why: SIZES, calls: [], parts: ['notes.sizes'] },
    root_only: { why: SIZES, calls: ['capture response_size: t_metrics:f 5'] },
    generator_size: { why: SIZES, calls: [] },
    sizeof_raises: { why: 'DESIGN 3: what can not be measured is counted, nothing is thrown', parts: ['raised'] },
  },
  async: {
    two_roots: {
      why: OWN_BUFFER,
      calls: [
        'capture time_profiler: A:task_test.long 200, A:task_test.task_nested.short 300, A:task_test.task_nested 300, A:task_test 300',
        'capture time_profiler: A:short 300',
      ],
    },
    interleaved_roots: {
      why: OWN_BUFFER,
      calls: [
        'capture time_profiler: t_async:rootB.child 100, t_async:rootB.child 100, t_async:rootB 230',
        'capture time_profiler: t_async:rootA.child 100, t_async:rootA.child 300, t_async:rootA 400',
      ],
    },
    interleaved_roots_async_cfg: {
      why: OWN_BUFFER,
      calls: [
        'capture time_profiler: t_async:rootB.child 100, t_async:rootB.child 100, t_async:rootB 230',
        'capture time_profiler: t_async:rootA.child 100, t_async:rootA.child 300, t_async:rootA 400',
      ],
    },
    fire_and_forget: {
      why: 'BUG: the record of a child that outlives its root waits for some later root',
      calls: [
        'capture time_profiler: A:fire_and_forget 0',
        'capture time_profiler: A:fire_and_forget.short 300',
        'capture time_profiler: A:long 200',
      ],
      parts: ['notes.calls so far'],
    },
    async_handler_latency: { why: 'DESIGN 4.6: no call waits for an async handler', parts: ['notes.elapsed_ms'] },
    add_handler_during_async_flush: { why: 'BUG: handlers can not be added while one runs', parts: ['raised'] },
    sync_roots_async_cfg: {
      why: ONE_PROFILER,
      calls: ['2 × capture time_profiler: A:sync_work 200', 'capture time_profiler: A:long 200'],
    },
    sync_returning_coro: {
      why: 'DESIGN 4.9: a returned promise is followed, whoever returns it',
      calls: ['capture time_profiler: t_async:f 200'],
    },
    async_gen: { why: 'DESIGN 4.9: generators are timed over their active time', calls: ['capture time_profiler: t_async:agen 1000'] },
  },
  'v0.0.10': {
    nested: {
      why: ORDER_0_3,
      calls: [
        'capture response_size: t_0010:get 48',
        'capture time_profiler: t_0010:get.first 200, t_0010:get.second.first 200, t_0010:get.second 500, t_0010:get 700',
      ],
    },
    plain_function: {
      why: 'BUG: a function without arguments fails',
      calls: ['capture response_size: t_0010:f 1', 'capture time_profiler: t_0010:f 0'],
      parts: ['raised'],
    },
    hook_args: {
      why: 'BUG: hooks get the first argument instead of the function or its result',
      calls: ['capture response_size: t_0010:f 28', 'capture time_profiler: t_0010:f 0'],
      parts: ['notes.hooks'],
    },
    hook_two_args: {
      why: 'BUG: a function with two arguments fails',
      calls: ['capture response_size: t_0010:f 1', 'capture time_profiler: t_0010:f 0'],
      parts: ['raised'],
    },
    exception: {
      why: 'BUG: an exception spoils the contexts and times of everything behind it',
      calls: [
        'capture time_profiler: t_0010:boom.first 200, t_0010:boom 200',
        'capture response_size: t_0010:get 48',
        'capture time_profiler: t_0010:get.first 200, t_0010:get.second.first 200, t_0010:get.second 500, t_0010:get 700',
      ],
      parts: ['notes.current_node', 'notes.current_node_after_next', 'notes.handle_calls', 'notes.raised'],
    },
    store_operation: { why: 'DESIGN 5: time profiler and response size are histograms that observe', parts: ['notes.defaults'] },
    store_errors: { why: 'DESIGN 3: recording never throws', parts: ['log', 'notes.errors'] },
    deletes: { why: 'DESIGN 3: deleting what is not there is warned about, as in 0.3.2', parts: ['log', 'notes.errors'] },
    defaults: {
      why: 'DESIGN 3: the job is given to config',
      calls: ['capture response_size: t_0010:first 1712', 'capture time_profiler: t_0010:first 200'],
      parts: ['notes.metrics'],
    },
    off: { why: 'DESIGN 3: a second config is warned about once', parts: ['log'] },
    unconfigured: { why: 'DESIGN 4.7: a handler on a profiler that is not configured changes nothing', parts: ['raised'] },
    unrounded: {
      why: 'DESIGN 4.3: records are rounded, and metrics without records are not handled, as in 0.3.2',
      calls: ['capture time_profiler: t_0010:f 0', 'capture time_profiler: t_0010:f 0.12', 'capture time_profiler: t_0010:f 1234.57'],
    },
    logger_handler: {
      why: ORDER_0_3,
      calls: ['capture response_size: t_0010:second 48', 'capture time_profiler: t_0010:second.first 200, t_0010:second 500'],
      parts: ['notes.messages'],
    },
    wraps: { why: 'BUG: a profiled function loses its name', parts: ['notes.name'] },
  },
};

/** Programs that nobody could write in JavaScript, or that are about what only Python phanos has. */
export const INEXPRESSIBLE: { readonly [file in GoldenFile]?: Readonly<Record<string, Reason>> } = {
  sync: { callable_instance: 'JAVASCRIPT: only functions can be called' },
  handlers: {
    log_error_profiling_bool: 'BUG: failed roots are to be logged by the handler of RabbitMQ, and never are; there is no such function',
  },
  async: {
    cancel: 'JAVASCRIPT: promises can not be cancelled',
    cancel_in_handler: 'JAVASCRIPT: promises can not be cancelled',
    leak: 'BUG: a tree of running calls leaks; ours knows paths, each once, and no calls',
    clear_skips: 'BUG: clearing the tree leaves half of it; ours shows its nodes to nobody',
    find_first_child: 'BUG: nodes are looked for in a tree of running calls; ours has none',
  },
};

/** Notes on what only Python's objects have: its call tree, its pending lists, docstrings, names of loggers and classes. */
export const NOTES_OF_PYTHON: readonly string[] = [
  'state',
  'after 1 s',
  'after sync roots',
  'end',
  'tree',
  'pending',
  'pending_after',
  'pending_in_orphan',
  'pending_methods',
  'second_call_method',
  'BUG lengths after failed store_operation (method, values, labels): records stay misaligned, to_records raises',
  'context',
  'doc',
  'wrapped',
  'ext',
  'logger',
  'level_name_logger',
];
