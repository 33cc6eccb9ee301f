// Options of the profiler, its hooks and handlers.
import { type ConfigOptions, type CurrentNode, type Handler, Profiler, profiler, type Recorded, StreamHandler } from 'phanos';
import { type Same, same } from './same.js';

same<Same<ReturnType<typeof profiler.config>, Profiler>>();
profiler.config();
profiler.config({
  job: 'shop',
  timeProfile: true,
  responseSizeProfile: false,
  handleRecords: true,
  errorRaisedLabel: true,
  collector: 'local',
  flushInterval: 500,
  callPath: 'root',
  instance: 'a',
  worker: '0',
  recordLimit: 10,
  closeOn: ['SIGTERM'],
  limits: { contextDepth: 8, callNodes: 100 },
});
export const options: ConfigOptions = { job: 'shop' };
// @ts-expect-error an unknown option
profiler.config({ jbo: 'shop' });
// @ts-expect-error a wrong type
profiler.config({ job: 5 });
// @ts-expect-error no such collector
profiler.config({ collector: 'nearest' });
// @ts-expect-error no such path
profiler.config({ callPath: 'leaf' });
// @ts-expect-error no such signal
profiler.config({ closeOn: ['SIGNAL'] });
// @ts-expect-error an unknown limit
profiler.config({ limits: { depth: 3 } });
// @ts-expect-error no handler
profiler.config({ handlers: [{ handlerName: 'none' }] });
// @ts-expect-error an unknown option of a profiler
new Profiler({ clok: () => 0 });

profiler.beforeFunc = (func, args) => void [func.name, args.length];
profiler.afterFunc = (result, args) => void [result, args.length];
profiler.beforeRootFunc = async () => {};
profiler.afterRootFunc = undefined;
export const node: CurrentNode = profiler.currentNode;
export const context: string = node.context;
// @ts-expect-error no function
profiler.beforeFunc = 'log';
// @ts-expect-error arguments are read only
profiler.beforeFunc = (_func, args) => args.push(1);
// @ts-expect-error the context is read only
profiler.currentNode.context = 'other';

class Lines implements Handler {
  readonly handlerName = 'lines';
  handle(records: readonly Recorded[], metricName: string): void {
    for (const { method, value } of records) console.log(metricName, method, value[1]);
  }
}
profiler.addHandler(new Lines());
profiler.addHandler({ handlerName: 'async', handle: async () => {} });
profiler.addHandler(new StreamHandler('console', { output: process.stdout }));
export const handlers: ReadonlyMap<string, Handler> = profiler.handlers;
// @ts-expect-error a handler handles
profiler.addHandler({ handlerName: 'none' });
// @ts-expect-error a handler has a name
profiler.addHandler({ handle: () => undefined });
// @ts-expect-error records are read only
profiler.addHandler({ handlerName: 'changing', handle: (records) => void records.pop() });
export function change(record: Recorded): void {
  // @ts-expect-error records are read only, to their fields
  record.method = 'other';
  // @ts-expect-error and to their labels
  record.labels.kind = 'other';
}
