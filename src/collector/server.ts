import { normalizeServeOptions, type ServeOptions } from '../record/serve-options.js';
import type { BeforeScrape } from './before-scrape.js';
import type { Collector } from './collector.js';
import { type RunningServer, startHttpServer } from './http-server.js';
import { answerPage } from './page.js';
import { answerText } from './plain-answer.js';
import { type Route, routerOf } from './router.js';
import { Scrapes } from './scrape.js';

/**
 * Serves a collector that is embedded in a measured process: `/metrics`, `/-/metrics`, `/-/healthy`, `/-/ready` and a page of links at `/`.
 *
 * Rejects with PORT_TAKEN if another program listens there, with LISTEN_FAILED if the address can't be listened on for another reason.
 */
export async function startServer(collector: Collector, beforeScrape: BeforeScrape, options?: ServeOptions): Promise<RunningServer> {
  const { host, port, keepAlive } = normalizeServeOptions(options);
  const get = (respond: Route['answer']): Route => ({ method: 'GET', purpose: 'open', answer: respond });
  const metrics = new Scrapes({ families: () => collector.families, beforeScrape, self: collector.self });
  const own = new Scrapes({ families: () => collector.ownFamilies });
  const routes: Map<string, Route> = new Map<string, Route>([
    ['/', get((_request, response) => answerPage(response, routes))],
    ['/metrics', get((request, response) => metrics.handle(request, response))],
    ['/-/metrics', get((request, response) => own.handle(request, response))],
    ['/-/healthy', get((_request, response) => answerText(response, 200, 'phanos is healthy.'))],
    ['/-/ready', get((_request, response) => answerText(response, 200, 'phanos is ready.'))],
  ]);
  return startHttpServer(routerOf({ routes }), { target: { host, port }, keepAlive });
}
