import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TIME_PROFILER_FAMILY } from '../../record/default-families.js';
import { exposedUnit } from '../../record/unit.js';
import type { Command } from '../command.js';
import { UsageError } from '../command.js';
import { ruleFileText } from './rule.js';
import { DEFAULT_THRESHOLDS, phanosRules } from './rules.js';
import { scrapeConfigText } from './scrape-config.js';

/** Seconds. */
const SLOWEST = (TIME_PROFILER_FAMILY.bounds.at(-1) as number) / exposedUnit(TIME_PROFILER_FAMILY.units).divisor;
const RULES = 'phanos-rules.yml';
const CONFIG = 'prometheus.yml';

export const prometheusCommand: Command = {
  name: 'prometheus',
  summary: 'writes a configuration for Prometheus: what to scrape, what to compute, when to alert',
  about: `Writes ${CONFIG} and ${RULES}. The rules tell of slow and failing methods, dead and silent workers, lost measurements, refused rows and
too many series. Take what you need into your own configuration; honor_labels: true must stay.`,
  flags: {
    target: {
      type: 'string',
      multiple: true,
      placeholder: 'HOST:PORT',
      help: 'what to scrape; may be given several times (default 127.0.0.1:9464)',
    },
    out: { type: 'string', placeholder: 'DIR', help: 'folder to write to (default .)' },
    interval: { type: 'string', placeholder: 'SECONDS', help: 'between two scrapes (default 15)' },
    'slow-seconds': { type: 'string', placeholder: 'SECONDS', help: 'in which 99 of 100 calls of a method are to be done (default 1)' },
    'error-share': { type: 'string', placeholder: '0…1', help: "share of a method's calls that may throw (default 0.05)" },
    'hold-seconds': {
      type: 'string',
      placeholder: 'SECONDS',
      help: 'for which a method must be slow or fail before an alert (default 300)',
    },
    https: { type: 'boolean', help: 'scrape over HTTPS' },
    'password-file': {
      type: 'string',
      placeholder: 'FILE',
      help: 'holds the password of the user prometheus, where the collector asks for one',
    },
  },
  examples: ['phanos prometheus --target collector:9464 --out /etc/prometheus'],
  async run({ flags }) {
    const folder = (flags.out as string | undefined) ?? '.';
    const config = scrapeConfigText(
      {
        targets: (flags.target as string[] | undefined) ?? ['127.0.0.1:9464'],
        interval: whole('interval', flags.interval, 15),
        scheme: flags.https === true ? 'https' : 'http',
        passwordFile: flags['password-file'] as string | undefined,
      },
      RULES,
    );
    const rules = phanosRules({
      ...DEFAULT_THRESHOLDS,
      slowSeconds: slowSeconds(flags['slow-seconds']),
      holdSeconds: whole('hold-seconds', flags['hold-seconds'], DEFAULT_THRESHOLDS.holdSeconds),
      errorShare: number('error-share', flags['error-share'], DEFAULT_THRESHOLDS.errorShare),
    });
    await mkdir(folder, { recursive: true });
    for (const [name, text] of [
      [CONFIG, config],
      [RULES, ruleFileText(rules)],
    ] as const) {
      await writeFile(join(folder, name), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? new UsageError(`${join(folder, name)} exists already; choose another folder with --out`) : error;
      });
      process.stdout.write(`${join(folder, name)}\n`);
    }
    return 0;
  },
};

/** Prometheus has no fractions in durations. */
function whole(name: string, given: unknown, byDefault: number): number {
  const value = number(name, given, byDefault);
  if (!Number.isSafeInteger(value)) throw new UsageError(`--${name} must be a whole number of seconds, got '${String(given)}'`);
  return value;
}

/** What lies beyond the last bucket is told as its bound, so that no alert would ever fire. */
function slowSeconds(given: unknown): number {
  const value = number('slow-seconds', given, DEFAULT_THRESHOLDS.slowSeconds);
  if (value < SLOWEST) return value;
  throw new UsageError(`--slow-seconds must be less than ${SLOWEST}, where the buckets of the time metric end, got '${String(given)}'`);
}

function number(name: string, given: unknown, byDefault: number): number {
  const value = given === undefined ? byDefault : Number(given);
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`--${name} must be a number greater than 0, got '${String(given)}'`);
  return value;
}
