import { expect, test } from 'vitest';
import { acceptsGzip, negotiate } from '../../src/exposition/negotiation.js';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8; escaping=underscores';
const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const PROTOBUF = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

test.each([
  ['nothing', undefined, TEXT],
  ['an empty header', '', TEXT],
  [
    'Prometheus 2.42',
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    OPEN,
  ],
  [
    'Prometheus 2.42 with native histograms',
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    PROTOBUF,
  ],
  [
    'Prometheus 3',
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    `${OPEN}; escaping=underscores`,
  ],
  ['text 1.0.0', 'text/plain;version=1.0.0;escaping="allow-utf-8",*/*;q=0.2', TEXT_1],
  ['curl', '*/*', TEXT],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', TEXT],
  ['any text', 'text/*', TEXT],
  ['any application', 'application/*', OPEN],
  ['only an old OpenMetrics', 'application/openmetrics-text;version=0.0.1', TEXT],
  ['OpenMetrics of any version', 'Application/OpenMetrics-Text', OPEN],
  ['what there is not', 'application/json', TEXT],
  ['anything but text', 'text/plain;q=0, application/openmetrics-text;q=0.1', OPEN],
  ['OpenMetrics never', 'application/openmetrics-text;q=0, */*', TEXT],
  ['the first of equals', 'text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0', TEXT],
  ['the first of equals, turned', 'application/openmetrics-text;version=1.0.0, text/plain;version=0.0.4', OPEN],
  ['the weight of the most exact range', 'text/*;q=0.9, text/plain;q=0.1, application/openmetrics-text;q=0.5', OPEN],
  ['protobuf of another kind', 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', TEXT],
  ['protobuf without kind', 'application/vnd.google.protobuf', TEXT],
  ['quotes with commas', 'text/html;title="a,b;q=0", application/openmetrics-text', OPEN],
  ['an open quote', 'text/html;title="a, application/openmetrics-text', TEXT],
  ['a weight that is none', 'application/openmetrics-text;q=high, text/plain;q=0.1', TEXT],
  ['nonsense', ';;,,;q=,=', TEXT],
])('%s gets %s', (_who, accept, contentType) => {
  expect(negotiate(accept).contentType).toBe(contentType);
});

test('a hostile header takes no time', () => {
  const start = performance.now();
  for (const part of ['"', '\\"', ';q=', 'a;b="', ',', 'a/b;q=0.1,', ' ']) negotiate(part.repeat(20_000));
  expect(performance.now() - start).toBeLessThan(2_000);
});

test.each([
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['*', false],
  [undefined, false],
])('gzip for %s: %s', (accepted, expected) => {
  expect(acceptsGzip(accepted)).toBe(expected);
});
