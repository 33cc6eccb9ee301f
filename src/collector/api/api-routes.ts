import { version } from '../../version.js';
import { answerJson } from '../plain-answer.js';
import type { Readiness } from '../readiness.js';
import type { Route, Routes } from '../router.js';
import type { Stores } from '../stores.js';
import { callTrees } from './call-tree.js';
import { cardinalityOf } from './cardinality.js';
import { familiesOf } from './families.js';
import { producersOf } from './producers.js';

/** What the API speaks of. */
export interface ApiSubject {
  readonly stores: Stores;
  readonly readiness: Readiness;
  readonly startedAt: number;
}

/** `GET /api/v1/…`: what the collector knows, as JSON. */
export function apiRoutes(subject: ApiSubject): Routes {
  const get = (tell: (query: URLSearchParams) => unknown): Route => ({
    method: 'GET',
    purpose: 'read',
    answer: async ({ url = '' }, response) => answerJson(response, 200, await tell(new URLSearchParams(url.split('?', 2)[1]))),
  });
  return new Map([
    ['/api/v1/status', get(() => statusOf(subject))],
    ['/api/v1/producers', get(() => producersOf(subject.stores.all))],
    ['/api/v1/families', get(() => familiesOf(subject.stores.all))],
    ['/api/v1/cardinality', get(() => cardinalityOf(subject.stores.all))],
    ['/api/v1/tree', get((query) => callTrees(subject.stores.families, query.get('job') ?? undefined))],
  ]);
}

function statusOf({ stores, readiness, startedAt }: ApiSubject): object {
  return {
    version,
    startedAt: new Date(startedAt).toISOString(),
    ...readiness,
    stores: Array.from(stores.all, ({ name, durable }) => ({
      name,
      epoch: durable.collector.epoch,
      producers: durable.collector.producers.live,
      ...durable.collector.producers.totals,
      lost: durable.collector.producers.lost,
      journal: durable.figures === undefined ? undefined : { ...durable.state, ...durable.figures },
    })),
  };
}
