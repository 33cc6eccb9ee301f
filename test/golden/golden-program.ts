import { golden } from '../record/golden.js';
import type { HandleCall } from './stage.js';

/** Files of golden programs, and the Python modules in which these ran. */
export const MODULES = {
  sync: 't_sync',
  async: 't_async',
  limits: 't_sync',
  hooks: 't_hooks',
  handlers: 't_handlers',
  metrics: 't_metrics',
  dict_config: 't_handlers',
  response_size: 't_metrics',
  'v0.0.10': 't_0010',
};

export type GoldenFile = keyof typeof MODULES;

/** A line of Python phanos's own log. */
export interface GoldenLog {
  readonly level: string;
  readonly message: string;
}

/** A case of a golden file. */
export interface GoldenProgram {
  readonly name: string;
  readonly description: string;
  readonly handle_calls: readonly HandleCall[];
  readonly handle_call_count?: number;
  readonly stream_text: string;
  readonly phanos_log?: readonly GoldenLog[];
  /** Version 0.0.10's name of the same. */
  readonly log?: readonly GoldenLog[];
  readonly raised_to_caller: object | null;
  readonly after?: { readonly metrics: readonly string[]; readonly handlers: readonly string[] };
  readonly notes?: Readonly<Record<string, unknown>>;
}

export function programsOf(file: GoldenFile): GoldenProgram[] {
  return golden<{ cases: GoldenProgram[] }>(`python-phanos/${file}.json`).cases;
}
