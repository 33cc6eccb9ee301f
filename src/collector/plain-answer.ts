import type { IncomingMessage, ServerResponse } from 'node:http';

/** Short answers. */

/** Ends the response with a sentence in plain text; for HEAD node:http leaves the body out. */
export function answerText(response: ServerResponse, status: number, sentence: string): void {
  answer(response, status, 'text/plain; charset=utf-8', `${sentence}\n`);
}

/** Ends the response with a value as JSON. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

/** Ends the response with a whole body. */
export function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'x-content-type-options': 'nosniff' });
  response.end(body);
}

/** Answers 405 to anything but GET and HEAD; true if it did. */
export function refuseMethod(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  response.setHeader('allow', 'GET, HEAD');
  answerText(response, 405, `${request.method} is not possible here; use GET or HEAD.`);
  return true;
}
