import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Channel, ChannelModel, ConfirmChannel, SocketOptions } from 'amqplib';
import type { PhanosError } from '../diagnostics/phanos-error.js';
import { inTime, within } from '../diagnostics/waiting.js';
import type { BrokerAddress } from '../record/broker-address.js';
import { brokerError, brokerSilent } from './broker-error.js';
import { loadAmqplib } from './load-amqplib.js';

/** What the library has and does not declare: its timers, which would keep the process alive, and the stream that it speaks on. */
interface Internals {
  readonly stream?: Socket;
  readonly heartbeater?: { readonly sendTimer?: NodeJS.Timeout; readonly recvTimer?: NodeJS.Timeout };
}

/** What a connection is opened with. */
export interface OpenOptions {
  readonly address: BrokerAddress;
  /** Shown by the broker's own tools. */
  readonly title: string;
  /** Milliseconds that the broker has to answer whatever is asked of it, and to let us in. @default 10_000 */
  readonly patience?: number | undefined;
  /** Gives up while the broker has not let us in yet. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A connection to a broker, from when it lets us in until it is over, for whatever reason.
 *
 * It never keeps the process alive, everything asked of the broker has an end, and no event of the library is left without a listener.
 */
export class OpenConnection {
  readonly address: BrokerAddress;
  /** Milliseconds. */
  readonly patience: number;
  /** Resolves when the connection is over, to why. */
  readonly ended: Promise<PhanosError>;
  /** Called when the broker stops taking messages for want of memory or disk, and when it takes them again. */
  onBlocked: ((isBlocked: boolean) => void) | undefined;
  readonly #model: ChannelModel;
  readonly #stream: Socket | undefined;
  #isBlocked = false;
  #reason: unknown;
  #end: (reason: PhanosError) => void = () => undefined;

  private constructor({ address, patience = 10_000 }: OpenOptions, model: ChannelModel, socket: Socket | undefined) {
    this.address = address;
    this.patience = patience;
    this.#model = model;
    const { heartbeater, stream = socket } = model.connection as Internals;
    this.#stream = stream;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    heartbeater?.sendTimer?.unref();
    heartbeater?.recvTimer?.unref();
    model.on('error', (error) => {
      this.#reason ??= error;
    });
    model.on('close', (error) => this.destroy(error));
    model.on('blocked', () => this.#block(true));
    model.on('unblocked', () => this.#block(false));
  }

  /** Rejects with BROKER_UNREACHABLE, BROKER_REFUSED, or PACKAGE_MISSING. */
  static async open(options: OpenOptions): Promise<OpenConnection> {
    const { address, title, patience = 10_000, signal } = options;
    const { connect } = await loadAmqplib();
    const { host, port, user, password, vhost, heartbeat, tls } = address;
    const to = { hostname: host, port, username: user, password, vhost, heartbeat, frameMax: 131_072 };
    const socketOptions = { noDelay: true, clientProperties: { connection_name: title } };
    let socket: Socket | undefined;
    const abort = (): void => void socket?.destroy();
    try {
      let connecting: Promise<ChannelModel>;
      if (tls === undefined) {
        [socket, connecting] = withSocketOf(() => connect({ ...to, protocol: 'amqp' }, socketOptions));
      } else {
        socket = process.getBuiltinModule('node:net').connect(port, host).unref();
        connecting = connect({ ...to, protocol: 'amqps' }, { ...socketOptions, ...tls, socket } as SocketOptions);
      }
      // Whichever speaks first of the two, the library may never do.
      const failing = failureOf(socket);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
      connecting.catch(() => undefined);
      const model = await inTime(patience, Promise.race([connecting, failing]), () => brokerSilent(address, patience, 'connecting'));
      return new OpenConnection(options, model, socket);
    } catch (error) {
      socket?.destroy();
      throw brokerError(address, error);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** True while the broker takes no messages for want of memory or disk. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** A channel for declaring and consuming. `lost` is called when it is over without having been closed from here, even if the connection lives on. */
  async channel(lost: (reason: PhanosError) => void): Promise<Channel> {
    return this.#watched(await this.ask('opening a channel', this.#model.createChannel()), lost);
  }

  /** A channel on which the broker confirms each message. */
  async confirmChannel(lost: (reason: PhanosError) => void): Promise<ConfirmChannel> {
    return this.#watched(await this.ask('opening a channel', this.#model.createConfirmChannel()), lost);
  }

  /** What the broker answers, or its refusal as an error that says what to do, or one that says that it didn't answer in time. */
  async ask<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await inTime(this.patience, work, () => brokerSilent(this.address, this.patience, what));
    } catch (error) {
      throw brokerError(this.address, this.#reason ?? error);
    }
  }

  /** Gives bytes to the system at once, as far as it takes them; false if others wait there already. For a process that is about to end. */
  writeNow(bytes: Buffer): boolean {
    if (this.#stream === undefined || this.#stream.destroyed || this.#stream.writableLength > 0) return false;
    this.#stream.write(bytes);
    return true;
  }

  /** Ends in order as far as the broker answers in this time, in milliseconds; on a frozen one the library would wait for ever. */
  async close(patience: number): Promise<void> {
    await within(patience, this.#model.close()).catch(() => false);
    this.destroy();
  }

  /** Ends at once. */
  destroy(reason: unknown = this.#reason): void {
    const error = brokerError(this.address, this.#reason ?? reason ?? 'the connection was closed');
    this.#reason ??= error;
    this.#end(error);
    // With an error, since of a plain close the library would take no notice.
    this.#stream?.destroy(error);
  }

  #watched<C extends Channel>(channel: C, lost: (reason: PhanosError) => void): C {
    let reason: unknown;
    channel.on('error', (error) => {
      reason = error;
    });
    channel.on('close', () => lost(brokerError(this.address, reason ?? this.#reason ?? 'the channel was closed')));
    return channel;
  }

  #block(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    this.onBlocked?.(isBlocked);
  }
}

/** Runs what connects, and catches the socket that Node.js makes for it: the library would show it only once the broker has let us in. */
function withSocketOf<T>(task: () => T): [socket: Socket | undefined, result: T] {
  let socket: Socket | undefined;
  const caught = (message: unknown): void => {
    socket = (message as { readonly socket: Socket }).socket.unref();
  };
  subscribe('net.client.socket', caught);
  try {
    const result = task();
    return [socket, result];
  } finally {
    unsubscribe('net.client.socket', caught);
  }
}

function failureOf(socket: Socket | undefined): Promise<never> {
  const failing = new Promise<never>((_resolve, reject) => {
    socket?.on('error', reject);
    socket?.once('close', () => reject(new Error('the connection was closed')));
  });
  failing.catch(() => undefined);
  return failing;
}
