import { inspect } from 'node:util';
import { NOTES_OF_PYTHON } from './deviations.js';
import type { GoldenLog, GoldenProgram } from './golden-program.js';
import { type HandleCall, Stage } from './stage.js';

/** What a program came to, part by part: `calls`, `stream`, `raised`, `log`, `metrics`, `handlers`, and each note as `notes.…`. */
export type Outcome = Readonly<Record<string, unknown>>;

/** A golden program in TypeScript. What it throws counts as what reached the caller of the profiled function. */
export type Port = (c: Stage) => unknown;

/** What running a port came to. */
interface Performance {
  readonly outcome: Outcome;
  /** The calls in short. */
  readonly calls: readonly string[];
  /** What it threw; undefined if nothing. */
  readonly error: Error | undefined;
}

/** Runs a port on a stage of its own. */
export async function perform(module: string, port: Port): Promise<Performance> {
  const stage = new Stage(module);
  let error: Error | undefined;
  try {
    await port(stage);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const { profiler, calls, stream, notes } = stage;
  const outcome = {
    calls: callLines(calls),
    stream: stream.text(),
    raised: error !== undefined,
    ...(error === undefined ? { log: logged(stage) } : {}),
    metrics: [...profiler.registeredMetrics.keys()],
    handlers: [...profiler.handlers.keys()],
    ...noteParts(notes),
  };
  const short = inShort(calls);
  await profiler.close();
  return { outcome, calls: short, error };
}

/** What a program came to in Python. */
export function outcomeOf(program: GoldenProgram): Outcome {
  const { handle_calls: calls, phanos_log, log = phanos_log ?? [], raised_to_caller, after, notes = {} } = program;
  const raised = raised_to_caller !== null;
  return {
    calls: callLines(calls),
    stream: program.stream_text,
    raised,
    ...(raised ? {} : { log: pythonLogged(log) }),
    ...(after === undefined ? {} : { metrics: after.metrics, handlers: after.handlers }),
    ...noteParts(notes),
  };
}

/** Calls as text, so that the order of keys counts, and `0`, `-0` and `NaN` are three things. */
function callLines(calls: readonly HandleCall[]): string[] {
  return calls.map(({ handler, metric, records }) => {
    const lines = records.map((record) => inspect(record, { depth: null, breakLength: Number.POSITIVE_INFINITY, maxStringLength: null }));
    return [`${handler} ${metric}:`, ...lines].join('\n');
  });
}

/** Calls for the list of deviations: what was called how often in a row, and of each record its call path, value and outcome. */
function inShort(calls: readonly HandleCall[]): string[] {
  const lines = calls.map(({ handler, metric, records }) => {
    const texts = records.map(({ method, value, labels: { error_raised: failed, ...labels } }) => {
      const text = typeof value[1] === 'string' ? value[1] : inspect(value[1]);
      return `${method} ${text}${Object.keys(labels).length > 0 ? ` ${JSON.stringify(labels)}` : ''}${failed === true ? ' failed' : ''}`;
    });
    return `${handler} ${metric}: ${texts.join(', ')}`;
  });
  const runs: { line: string; times: number }[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.line === line) last.times++;
    else runs.push({ line, times: 1 });
  }
  return runs.map(({ line, times }) => (times === 1 ? line : `${times} × ${line}`));
}

/** Warnings, and refusals: our log tells of a cause once a minute, but each one is counted. */
function logged({ log: { logged: lines }, profiler }: Stage): Record<string, number> {
  const counts = profiler.diagnostics();
  const refusals = lines
    .filter(({ level }) => level === 'error')
    .map(({ fields }) => counts.find(({ reason, culprit }) => reason === fields.reason && culprit === fields.metric)?.count ?? 1);
  return { warnings: lines.filter(({ level }) => level === 'warn').length, errors: refusals.reduce((sum, count) => sum + count, 0) };
}

/** The same of Python's log, without the troubles of its own call tree. */
function pythonLogged(lines: readonly GoldenLog[]): Record<string, number> {
  const own = lines.filter(({ message }) => !message.includes('ContextTree.find_and_delete_node'));
  const count = (wanted: string): number => own.filter(({ level }) => level === wanted).length;
  return { warnings: count('WARNING'), errors: count('ERROR') };
}

function noteParts(notes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const meaningful = Object.entries(notes).filter(([name]) => !NOTES_OF_PYTHON.includes(name));
  return Object.fromEntries(meaningful.map(([name, note]) => [`notes.${name}`, note]));
}

/** All notes, and what both tell of: no state afterwards is known of some files, and what was thrown needs no message in the log as well. */
export function comparableParts(expected: Outcome, actual: Outcome): string[] {
  const parts = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
  return parts.filter((part) => part.startsWith('notes.') || (part in expected && part in actual));
}

/** These parts of the outcome, as far as there are any. */
export function pick(outcome: Outcome, parts: readonly string[]): Outcome {
  return Object.fromEntries(parts.filter((part) => part in outcome).map((part) => [part, outcome[part]]));
}
