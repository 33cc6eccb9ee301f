import { Gauge, profile, profiler, StreamHandler } from 'phanos';

/**
 * A metric of your own: the largest value since the last root call ended.
 *
 * It is a gauge with one more operation, and forgets what it saw when the records of a root call were handed over.
 */
class Peak extends Gauge<'step'> {
  readonly #peaks = new Map<string, number>();

  constructor() {
    super({ name: 'import_peak', help: 'Largest input of the latest import.', units: 'B', labelNames: ['step'] });
    // By this name, hooks and others can ask for the operation.
    this.operations.raise = (value: number, labels: { step: string }) => this.raise(value, labels);
    this.defaultOperation = 'raise';
  }

  raise(value: number, labels: { step: string }): void {
    if (value <= (this.#peaks.get(labels.step) ?? 0)) return;
    this.#peaks.set(labels.step, value);
    this.set(value, labels);
  }

  override cleanup(): void {
    super.cleanup();
    this.#peaks.clear();
  }
}

class Import {
  @profile
  run(text: string): number {
    return text.split('\n').reduce((sum, line) => sum + this.parse(line), 0);
  }

  @profile
  parse(line: string): number {
    const [, amount] = line.split(',');
    if (amount === undefined) throw new SyntaxError(`no amount in '${line}'`);
    return Number(amount);
  }
}

// Records go to a handler. Without the default metrics there are only those of our own.
profiler.config({
  job: 'import',
  timeProfile: false,
  responseSizeProfile: false,
  handlers: [new StreamHandler('out', { output: process.stdout })],
});
const peak = new Peak();

// Hooks run around every call, without a line in the classes.
profiler.beforeFunc = (_func, [text]) => {
  const { context } = profiler.currentNode;
  const step = context.endsWith('.parse') ? 'parse' : 'run';
  peak.storeOperation({ value: Buffer.byteLength(String(text)), labelValues: { step }, method: context });
};
profiler.afterRootFunc = (result) => {
  const { context, error } = profiler.currentNode;
  console.log(error instanceof Error ? `${context} threw ${error.message}` : `${context} returned ${String(result)}`);
};

const imports = new Import();
imports.run('tea,3\ncoffee,4\nmilk,1');
imports.run('tea,3');
try {
  imports.run('milk,1\nnonsense');
} catch {
  // The hook told it.
}

console.log(
  (await profiler.metrics())
    .split('\n')
    .filter((line) => line.startsWith('import_'))
    .join('\n'),
);
await profiler.close();
