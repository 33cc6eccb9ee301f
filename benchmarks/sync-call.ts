import type { Context, Tracer } from '@opentelemetry/api';
import type { Histogram } from 'prom-client';
import type { Group, MakeCase, Timed } from './harness.js';
import type { Row } from './row.js';
import { countingProfiler, distinctFunctions, expectCalls, expectEqual, sampleSum, work } from './subjects.js';

/** Profiled synchronous calls. */

type Work = (n: number) => number;

/** Where the measured calls happen. */
interface Place {
  readonly name: string;
  readonly what: string;
  /** Functions that are called in turn. */
  readonly functions: () => readonly Work[];
  /** Profiled calls around `times` calls. */
  readonly around: 'nothing' | 'call' | 'async call';
}

const PLACES: readonly Place[] = [
  { name: 'sync-root', what: 'sync call, root', functions: () => [work], around: 'nothing' },
  { name: 'sync-child', what: 'sync call, child', functions: () => [work], around: 'call' },
  { name: 'sync-64', what: 'sync call, root, 64 functions', functions: distinctFunctions, around: 'nothing' },
  { name: 'sync-64-child', what: 'sync call, child, 64 functions', functions: distinctFunctions, around: 'call' },
  { name: 'sync-in-async', what: 'sync call, child of an async call', functions: () => [work], around: 'async call' },
];

export const syncCallGroups: readonly Group[] = PLACES.map((place) => ({
  name: place.name,
  cases: {
    'time metric': () => profiled(place, false),
    'default metrics': () => profiled(place, true),
    'clock reads': () => clockReads(place),
    'prom-client': () => promClientTimer(place),
    OpenTelemetry: () => openTelemetrySpan(place),
  } satisfies Record<string, MakeCase>,
  rows: (best) => [
    ...rowsOf(`${place.what}, time metric`, best('time metric'), best),
    spanRow(`${place.what}, time metric`, best('time metric'), best),
    ...rowsOf(`${place.what}, default metrics`, best('default metrics'), best),
  ],
}));

function rowsOf(what: string, ours: number, best: (name: string) => number): Row[] {
  const beside = (name: string, label: string) => ({ name: label, best: best(name) });
  return [
    { what, best: ours, unit: 'ns', beside: beside('clock reads', 'two clock reads'), budget: { kind: 'timesFloor', limit: 1.5 } },
    { what, best: ours, unit: 'ns', beside: beside('prom-client', 'prom-client timer'), budget: { kind: 'timesFaster', limit: 5 } },
  ];
}

/** A span tells nothing of sizes: beside it stands the time metric alone. */
function spanRow(what: string, ours: number, best: (name: string) => number): Row {
  const beside = { name: 'OpenTelemetry span', best: best('OpenTelemetry') };
  return { what, best: ours, unit: 'ns', beside, budget: { kind: 'timesFaster', limit: 10 } };
}

function profiled(place: Place, responseSizeProfile: boolean): Timed {
  const profiler = countingProfiler({ responseSizeProfile });
  const functions = place.functions().map((fn, i) => profiler.profile(`bench:work${i}`, fn));
  let roots = 0;
  const around = {
    nothing: (run: Work): Timed['run'] => run,
    call: (run: Work): Timed['run'] => profiler.profile('bench:root', (times: number) => ++roots && run(times)),
    'async call': (run: Work): Timed['run'] =>
      profiler.profile('bench:root', async (times: number) => {
        roots++;
        await Promise.resolve();
        return run(times);
      }),
  }[place.around];
  return { run: around(loopOver(functions)), verify: (times) => expectCalls(profiler, times + roots) };
}

/** The loop is the same code in every case that only calls functions. */
function loopOver(functions: readonly Work[]): Work {
  const [only] = functions as [Work];
  if (functions.length === 1) {
    return (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++) sum += only(i);
      return sum;
    };
  }
  const mask = functions.length - 1;
  return (times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += (functions[i & mask] as Work)(i);
    return sum;
  };
}

/** The floor: two readings of the clock around the call, added up in a variable. */
function clockReads(place: Place): Timed {
  let elapsed = 0;
  const timed = place.functions().map((fn) => (n: number) => {
    const start = performance.now();
    const result = fn(n);
    elapsed += performance.now() - start;
    return result;
  });
  const run = loopOver(timed);
  return { run, verify: () => expectEqual('time has passed', elapsed > 0, true) };
}

/** What people write by hand: a histogram's timer, with the outcome as label. */
async function promClientTimer(place: Place): Promise<Timed> {
  const { Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const labelNames = ['method', 'function', 'error_raised'] as const;
  const histogram = new Histogram({ name: 'calls_seconds', help: 'Duration of calls.', labelNames, registers: [registry] });
  const path = place.around === 'nothing' ? 'bench:' : 'bench:root.';
  const functions = place.functions().map((fn, i) => timedByHand(histogram, fn, `${path}work${i}`, `bench.work${i}`));
  return {
    run: loopOver(functions),
    verify: async (times) => expectEqual('timed calls', sampleSum(await registry.metrics(), 'calls_seconds_count'), times),
  };
}

function timedByHand(histogram: Histogram<'method' | 'function' | 'error_raised'>, fn: Work, method: string, name: string): Work {
  return (n) => {
    const end = histogram.startTimer({ method, function: name });
    let result: number;
    try {
      result = fn(n);
    } catch (error) {
      end({ error_raised: 'true' });
      throw error;
    }
    end({ error_raised: 'false' });
    return result;
  };
}

/** A span a call, given its parent by hand: a context manager would cost more. */
async function openTelemetrySpan(place: Place): Promise<Timed> {
  const { ROOT_CONTEXT, trace } = await import('@opentelemetry/api');
  const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
  let ended = 0;
  const dropping = {
    onStart: () => undefined,
    onEnd: () => void ended++,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const tracer = new BasicTracerProvider({ spanProcessors: [dropping] }).getTracer('bench');
  const context = place.around === 'nothing' ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, tracer.startSpan('bench:root'));
  const functions = place.functions().map((fn, i) => traced(tracer, fn, `work${i}`, context));
  return { run: loopOver(functions), verify: (times) => expectEqual('ended spans', ended, times) };
}

function traced(tracer: Tracer, fn: Work, name: string, context: Context): Work {
  return (n) => {
    const span = tracer.startSpan(name, undefined, context);
    try {
      return fn(n);
    } catch (error) {
      span.recordException(error as Error);
      throw error;
    } finally {
      span.end();
    }
  };
}
