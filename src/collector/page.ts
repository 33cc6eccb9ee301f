import type { ServerResponse } from 'node:http';
import { version } from '../version.js';
import { answer } from './plain-answer.js';

/** What is where, in the order in which the page at `/` shows it. */
const PLACES: readonly (readonly [path: string, what: string])[] = [
  ['/metrics', 'what was measured, for Prometheus'],
  ['/-/metrics', 'how the collector itself is doing'],
  ['/-/ready', 'whether it takes and shows measurements, and if not, why'],
  ['/-/healthy', 'whether it runs'],
  ['/api/v1/status', 'version, start, totals and journal of each store'],
  ['/api/v1/producers', 'who reports, and who has died'],
  ['/api/v1/families', 'every metric with its kind, unit and number of series'],
  ['/api/v1/cardinality', 'which metrics and labels make the most series'],
  ['/api/v1/tree', 'calls, errors and seconds of each call path'],
];

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1.25rem}
h1{font-size:1.5rem;margin:0}
p{margin:.25rem 0 1.5rem;opacity:.75}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.5rem 1.5rem;margin:0}
dt{font-family:ui-monospace,monospace}
dd{margin:0}
@media(max-width:36rem){dl{display:block}dd{margin-bottom:.75rem}}`;

/** Answers with the page at `/`: links to those of these paths that somebody may want to look at. It loads nothing and runs nothing. */
export function answerPage(response: ServerResponse, paths: ReadonlyMap<string, unknown>): void {
  const links = PLACES.filter(([path]) => paths.has(path)).map(([path, what]) => `<dt><a href="${path}">${path}</a></dt><dd>${what}</dd>`);
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>phanos</title><style>
${STYLE}
</style></head>
<body>
<h1>phanos</h1>
<p>${version}: what the methods of Node.js servers do, over all their workers and instances.</p>
<dl>
${links.join('\n')}
</dl>
</body>
</html>
`;
  answer(response, 200, 'text/html; charset=utf-8', page);
}
