import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders.js';
import type { Command, Order, Reply } from './orders.js';
import type { Scrape } from './scrape.js';

const PROGRAM = fileURLToPath(new URL('program.js', import.meta.url));

/** A program under command, as the scenarios see it. */
export class Stage {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** @param members how many to start with */
  static async set({ choice, node }: Contender, crew: 'cluster' | 'threads', members: number): Promise<Stage> {
    const child = fork(PROGRAM, [crew, JSON.stringify(choice)], {
      execPath: node,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const reply = await replyOf(child);
    const stage = new Stage('url' in reply ? reply.url : '', child);
    for (let i = 0; i < members; i++) await stage.command({ what: 'start' });
    return stage;
  }

  /** Resolves when it is done. */
  async command(command: Command): Promise<void> {
    const done = replyOf(this.#child);
    this.#child.send(command);
    await done;
  }

  order(member: number, order: Order): Promise<void> {
    return this.command({ what: 'order', member, order });
  }

  async scrape(): Promise<Scrape> {
    const start = performance.now();
    const [response] = (await once(get(this.url, { agent: false }), 'response')) as [IncomingMessage];
    const body = await text(response);
    return { status: response.statusCode ?? 0, milliseconds: performance.now() - start, text: body };
  }

  /** Ends the program; its workers end with it. */
  async strike(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

async function replyOf(child: ChildProcess): Promise<Reply> {
  const stop = new AbortController();
  const exit = once(child, 'exit', stop).then(([code, signal]) => {
    throw new Error(`the program of the comparison ended with ${code ?? signal}`);
  });
  try {
    const [reply] = (await Promise.race([once(child, 'message', stop), exit])) as [Reply];
    return reply;
  } finally {
    exit.catch(() => undefined);
    stop.abort();
  }
}
