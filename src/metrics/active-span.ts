/** The span that OpenTelemetry says is running, if the program has OpenTelemetry. Nothing of it is loaded: its API keeps what is registered in one place. */

const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const SAMPLED = 1;

interface SpanContext {
  readonly traceId: unknown;
  readonly spanId: unknown;
  readonly traceFlags: number;
}

/** What of the API, version 1, is needed here. */
interface RegisteredApi {
  readonly context?: {
    active(): { getValue(key: symbol): { spanContext(): SpanContext } | undefined };
  };
}

/** Labels of the running span; undefined if there is none, or if its trace is not kept anywhere. */
export function activeSpanLabels(): readonly (readonly [name: string, value: string])[] | undefined {
  const api = (globalThis as { [API]?: RegisteredApi })[API];
  if (api === undefined) return undefined;
  try {
    const context = api.context?.active().getValue(SPAN)?.spanContext();
    if (context === undefined || (context.traceFlags & SAMPLED) === 0) return undefined;
    const { traceId, spanId } = context;
    if (typeof traceId !== 'string' || typeof spanId !== 'string') return undefined;
    return [
      ['trace_id', traceId],
      ['span_id', spanId],
    ];
  } catch {
    return undefined;
  }
}
