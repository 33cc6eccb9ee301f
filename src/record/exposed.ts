/** What a collector shows, as it is handed on by whoever was asked for it. */

/** `text` is Prometheus's text format 0.0.4, `openmetrics` is OpenMetrics 1.0, `protobuf` is Prometheus's binary format, which carries native histograms. */
export type FormatName = 'text' | 'openmetrics' | 'protobuf';

/** Of answers; as an `Accept` header each asks for itself. */
export const CONTENT_TYPES: Readonly<Record<FormatName, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  protobuf: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};

/** Everything that a collector shows, in one format. */
export interface Exposed {
  readonly contentType: string;
  /** Text, or bytes in the binary format. */
  readonly body: string | Uint8Array;
}

/** The same where only JSON gets through. */
export interface PlainExposed {
  readonly contentType: string;
  readonly text?: string;
  readonly base64?: string;
}

export function toPlain({ contentType, body }: Exposed): PlainExposed {
  return typeof body === 'string' ? { contentType, text: body } : { contentType, base64: Buffer.from(body).toString('base64') };
}

export function fromPlain({ contentType, text = '', base64 }: PlainExposed): Exposed {
  return { contentType, body: base64 === undefined ? text : Buffer.from(base64, 'base64') };
}
