import type { Answer, ShopRequest } from './answer.js';
import type { Route } from './routes.js';

/** The profiled method behind a route. */
export type Responder = (request: ShopRequest) => Answer | Promise<Answer>;

/** A route that was found, with the parts of the path that it names. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly respond: Responder;
}

interface Entry {
  readonly route: Route;
  readonly method: string;
  readonly pattern: RegExp;
  readonly respond: Responder;
}

/** Finds the route of a request. */
export class Router {
  readonly #entries: Entry[] = [];
  readonly #otherwise: Responder;

  constructor({ 'anything else': otherwise, ...responders }: Readonly<Record<Route, Responder>>) {
    this.#otherwise = otherwise;
    for (const [route, respond] of Object.entries(responders) as [Route, Responder][]) {
      const [method = '', path = ''] = route.split(' ');
      const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
      this.#entries.push({ route, method, pattern, respond });
    }
  }

  find(method: string, path: string): Match {
    for (const { route, method: wanted, pattern, respond } of this.#entries) {
      const found = wanted === method ? pattern.exec(path) : null;
      if (found !== null) return { route, respond, params: found.groups ?? {} };
    }
    return { route: 'anything else', respond: this.#otherwise, params: {} };
  }
}
