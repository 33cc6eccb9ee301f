import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

/** Prometheus's protobuf format as protobufjs reads it. */

export interface ProtoLabel {
  readonly name: string;
  readonly value: string;
}

export interface ProtoExemplar {
  readonly label?: readonly ProtoLabel[];
  readonly value: number;
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
}

export interface ProtoSpan {
  readonly offset: number;
  readonly length: number;
}

export interface ProtoHistogram {
  readonly sampleCount: number;
  readonly sampleSum: number;
  readonly bucket?: readonly { readonly cumulativeCount: number; readonly upperBound: number; readonly exemplar?: ProtoExemplar }[];
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly negativeSpan?: readonly ProtoSpan[];
  readonly negativeDelta?: readonly number[];
  readonly positiveSpan?: readonly ProtoSpan[];
  readonly positiveDelta?: readonly number[];
}

export interface ProtoMetric {
  readonly label?: readonly ProtoLabel[];
  readonly gauge?: { readonly value: number };
  readonly counter?: { readonly value: number; readonly exemplar?: ProtoExemplar };
  readonly summary?: {
    readonly sampleCount: number;
    readonly sampleSum: number;
    readonly quantile?: readonly { readonly quantile: number; readonly value: number }[];
  };
  readonly histogram?: ProtoHistogram;
}

export interface ProtoFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit?: string;
  readonly metric?: readonly ProtoMetric[];
}

const family = protobuf.loadSync(fileURLToPath(new URL('metrics.proto', import.meta.url))).lookupType('io.prometheus.client.MetricFamily');

/** Families behind their lengths. Throws at what is no such message. */
export function parseProtobuf(bytes: Uint8Array): ProtoFamily[] {
  const reader = protobuf.Reader.create(bytes);
  const families: ProtoFamily[] = [];
  while (reader.pos < reader.len) {
    families.push(family.toObject(family.decodeDelimited(reader), { longs: Number, enums: String }) as ProtoFamily);
  }
  return families;
}
