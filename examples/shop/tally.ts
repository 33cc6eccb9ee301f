import { ROUTES, type Route } from './service/routes.js';

/** What happened to the requests of one route. */
export interface RouteTally {
  sent: number;
  /** Answers by status. */
  readonly answers: Record<number, number>;
  /** Bytes in the bodies of answers below 400. */
  bytes: number;
  /** Requests that ended without an answer. */
  lost: number;
}

/** Plain data, fit for a message between processes. */
export type Tally = Readonly<Record<Route, RouteTally>>;

export function emptyTally(): Tally {
  return Object.fromEntries(Object.keys(ROUTES).map((route) => [route, { sent: 0, answers: {}, bytes: 0, lost: 0 }])) as unknown as Tally;
}

export function countAnswer(tally: RouteTally, status: number, bytes: number): void {
  tally.answers[status] = (tally.answers[status] ?? 0) + 1;
  if (!isFailure(status)) tally.bytes += bytes;
}

/** Answers of 400 and above: the shop sends them when a route's method throws. */
export function failures({ answers }: RouteTally): number {
  return Object.entries(answers).reduce((sum, [status, times]) => sum + (isFailure(Number(status)) ? times : 0), 0);
}

function isFailure(status: number): boolean {
  return status >= 400;
}
