/** What a route gets. */
export interface ShopRequest {
  /** Parts of the path that the route names: `{ id: '17' }` for `/products/17`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What a route returns. With status and headers it is response-like, so phanos takes its size from `content-length`. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a route throws when the request can't be served; the shop answers with status and message. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export function htmlAnswer(html: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return answer(200, 'text/html; charset=utf-8', Buffer.from(html), headers);
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return answer(status, 'application/json', Buffer.from(`${JSON.stringify(value)}\n`));
}

export function answer(status: number, type: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': type, 'content-length': String(body.length), ...headers }, body };
}
