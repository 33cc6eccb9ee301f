import type { Profiler } from 'phanos';
import { type ProtoFamily, type ProtoMetric, parseProtobuf } from '../exposition/parse-protobuf.js';

/** What a scrape shows in the formats that `profiler.metrics()` does not give. */

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';

export async function openMetricsOf(profiler: Profiler): Promise<string> {
  return (await scraped(profiler, OPEN_METRICS)).toString();
}

export async function protobufOf(profiler: Profiler): Promise<ProtoFamily[]> {
  return parseProtobuf(await scraped(profiler, PROTOBUF));
}

/** The only series of a family. */
export async function protoMetricOf(profiler: Profiler, name: string): Promise<ProtoMetric> {
  const family = (await protobufOf(profiler)).find((each) => each.name === name);
  const [metric, ...more] = family?.metric ?? [];
  if (metric === undefined || more.length > 0) throw new Error(`${name} has ${more.length === 0 ? 'no' : 'more than one'} series`);
  return metric;
}

async function scraped(profiler: Profiler, accept: string): Promise<Buffer> {
  const { url, close } = await profiler.serve({ port: 0 });
  try {
    const response = await fetch(`${url}/metrics`, { headers: { accept } });
    return Buffer.from(await response.arrayBuffer());
  } finally {
    await close();
  }
}
