import type { Metric } from '../metrics/metric.js';
import { shownError } from '../metrics/refusal.js';
import type { Engine } from './engine.js';
import { isPromise } from './promises.js';

/** Milliseconds that a gauge's `collect` is waited for; what it sets later shows at the next scrape. */
const PATIENCE = 100;

/** Lets gauges with a `collect` set themselves, all at once. Never rejects. */
export async function askGauges(metrics: Iterable<Metric>, engine: Engine): Promise<void> {
  const answers = [...metrics].map((metric) => ask(metric, engine)).filter((answer) => answer !== undefined);
  if (answers.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([Promise.all(answers), patience]);
  clearTimeout(timer);
}

function ask({ name, table }: Metric, engine: Engine): Promise<unknown> | undefined {
  const { beforeDrain } = table;
  if (beforeDrain === undefined) return undefined;
  const failed = (error: unknown): void => {
    engine.diagnostics.count('collect_error', name);
    const message = `collect of gauge '${name}' threw ${shownError(error)}; the gauge shows what was set before`;
    engine.diagnostics.report('error', `collect_error ${name}`, { metric: name, err: error }, message);
  };
  try {
    const answer: unknown = engine.context.mute(beforeDrain);
    if (!isPromise(answer)) return undefined;
    engine.context.useFrames();
    return answer.then(undefined, failed);
  } catch (error) {
    failed(error);
    return undefined;
  }
}
