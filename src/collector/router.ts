import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Gate, Purpose } from './access/gate.js';
import { answerText } from './plain-answer.js';

/** What is answered at one path. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Whose leave a request needs; `open` ones are for everybody. */
  readonly purpose: Purpose | 'open';
  /** Never throws or rejects. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
}

/** Routes by path. */
export type Routes = ReadonlyMap<string, Route>;

/** Why a request was not answered. The words are label values, so they stay as they are. */
export type RequestRefusal = 'busy' | 'credentials' | 'host' | 'method' | 'path' | 'body';

export interface RouterOptions {
  readonly routes: Routes;
  /** Without one, everybody is answered. */
  readonly gate?: Gate | undefined;
  /** Told of each request that is not answered. */
  readonly onRefused?: (reason: RequestRefusal) => void;
}

/** Hands requests to their routes: what is asked for must exist, in this way, for whoever asks. */
export function routerOf({ routes, gate, onRefused }: RouterOptions): RequestListener {
  const refuse = (response: ServerResponse, status: number, reason: RequestRefusal, sentence: string): void => {
    onRefused?.(reason);
    answerText(response, status, sentence);
  };
  return (request, response) => {
    const route = routes.get(pathOf(request));
    const withBody = hasBody(request);
    // Unless a route reads the body, nobody does, and the rest of it must not be taken for the next request.
    if (withBody && route?.method !== 'POST') response.setHeader('connection', 'close');
    void (async () => {
      // Who may not read is not told what is there.
      const admission = await gate?.admit(request, route?.purpose ?? 'read');
      if (admission === 'host') return refuse(response, 421, 'host', 'This collector does not answer under that name.');
      if (admission === 'busy') {
        response.setHeader('retry-after', '1');
        return refuse(response, 429, 'busy', 'Too many passwords to check; come back in a second.');
      }
      if (admission === 'credentials') {
        response.setHeader('www-authenticate', 'Basic realm="phanos", Bearer realm="phanos"');
        if (withBody) response.setHeader('connection', 'close');
        return refuse(response, 401, 'credentials', 'Credentials are needed here.');
      }
      if (route === undefined) return refuse(response, 404, 'path', 'There is nothing here; the measurements are at /metrics.');
      if (!isMethodOf(route, request)) {
        const allowed = route.method === 'GET' ? 'GET, HEAD' : 'POST';
        response.setHeader('allow', allowed);
        if (withBody) response.setHeader('connection', 'close');
        const way = allowed.replace(', ', ' or ');
        return refuse(response, 405, 'method', `${request.method} is not possible here; use ${way}.`);
      }
      if (withBody && route.method === 'GET') {
        return refuse(response, 413, 'body', 'Requests here carry no body; send this one without.');
      }
      await route.answer(request, response);
    })();
  };
}

function isMethodOf({ method }: Route, request: IncomingMessage): boolean {
  return request.method === method || (method === 'GET' && request.method === 'HEAD');
}

/** Path without query, also of a request in absolute form, as proxies send it. */
function pathOf(request: IncomingMessage): string {
  const path = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
  return path === '' ? '/' : path;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
