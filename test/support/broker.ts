import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { newFolder } from './project.js';
import { type RabbitmqPrograms, rabbitmqPrograms } from './rabbitmq-programs.js';
import { outputOf } from './run-program.js';

/** Milliseconds for a start: 5 to 19 s are usual, on a busy machine it may take longer. */
const START = 90_000;

/** A shell that lives as long as the test's process holds its input, and then kills the programs that it was told of last. */
const WATCHDOG = 'while read line; do pids=$line; done; [ -z "$pids" ] || kill -9 $pids 2>/dev/null';

/**
 * A RabbitMQ of the tests' own, which they may stop, freeze and starve: free ports on 127.0.0.1, a port mapper, folder and cookie of its own.
 *
 * Whatever happens to the test's process, a kill included, nothing of it goes on running.
 */
export class Broker {
  readonly port: number;
  readonly #programs: RabbitmqPrograms;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #mapper: ChildProcess;
  readonly #watchdog: ChildProcess;
  #node: ChildProcess | undefined;

  private constructor(port: number, programs: RabbitmqPrograms, folder: string, environment: NodeJS.ProcessEnv) {
    this.port = port;
    this.#programs = programs;
    this.#folder = folder;
    this.#environment = environment;
    this.#watchdog = spawn('/bin/sh', ['-c', WATCHDOG], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#watchdog.unref();
    this.#mapper = spawn(programs.epmd, ['-port', environment.ERL_EPMD_PORT ?? ''], { env: environment, stdio: 'ignore' });
    this.#tellWatchdog();
  }

  /** Starts one and waits until it takes connections, 90 s at most. */
  static async start(): Promise<Broker> {
    const programs = await rabbitmqPrograms();
    const folder = await newFolder();
    const port = await freePort();
    const broker = new Broker(port, programs, folder, await prepare(folder, port));
    try {
      await broker.startAgain();
      return broker;
    } catch (error) {
      await broker.remove();
      throw error;
    }
  }

  /** Address of a virtual host; guest may do everything there. */
  url(vhost = '/'): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}/${encodeURIComponent(vhost)}`;
  }

  /** Starts it after a stop, with what it had kept. */
  async startAgain(): Promise<void> {
    const log = join(this.#folder, 'start.log');
    const child = spawn('/bin/sh', ['-c', `exec "$0" -noinput >"$1" 2>&1`, this.#programs.server, log], {
      env: this.#environment,
      stdio: 'ignore',
      cwd: this.#folder,
    });
    this.#node = child;
    this.#tellWatchdog();
    try {
      await eventually('RabbitMQ takes connections or has ended', async () => hasEnded(child) || (await accepts(this.port)), START);
      if (hasEnded(child)) throw new Error(`RabbitMQ ended with ${child.exitCode ?? child.signalCode}`);
      // It listens a little before it has started everything.
      await eventually('RabbitMQ has started', () => this.ctl('await_startup', '--timeout', '60').then(() => true), START);
    } catch (cause) {
      throw new Error(`RabbitMQ did not start:\n${await readFile(log, 'utf8').catch(() => '')}`, { cause });
    }
  }

  /** Stops it in order, as a service manager does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Kills it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops its process where it is: connections stay open, and nobody answers. */
  freeze(): void {
    this.#node?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#node?.kill('SIGCONT');
  }

  /** Runs `rabbitmqctl`, half a second; returns what it wrote. */
  ctl(...args: string[]): Promise<string> {
    return outputOf(this.#programs.ctl, ['--node', this.#environment.RABBITMQ_NODENAME ?? '', ...args], { env: this.#environment });
  }

  /** Makes an empty virtual host; returns its address. */
  async addVhost(name: string): Promise<string> {
    const rights = '<<"guest">>, Name, <<".*">>, <<".*">>, <<".*">>, <<"test">>';
    const add = 'rabbit_vhost:add(Name, <<"test">>), rabbit_auth_backend_internal:set_permissions';
    await this.ctl('eval', `Name = <<"${name}">>, ${add}(${rights}).`);
    return this.url(name);
  }

  /** Makes a user with these rights, regular expressions, in a virtual host; returns the address with user and password. */
  async addUser(
    name: string,
    vhost: string,
    rights: { readonly configure: string; readonly write: string; readonly read: string },
  ): Promise<string> {
    await this.ctl('add_user', name, 'secret');
    await this.ctl('set_permissions', '-p', vhost, name, rights.configure, rights.write, rights.read);
    return this.url(vhost).replace('guest:guest', `${name}:secret`);
  }

  /** Closes the connections of all clients, as an administrator does. */
  async closeConnections(): Promise<void> {
    await this.ctl('close_all_connections', 'the test wants it');
  }

  /** Raises the memory alarm, or ends it: with it, the broker reads nothing from publishers. */
  async memoryAlarm(on: boolean): Promise<void> {
    await this.ctl('set_vm_memory_high_watermark', ...(on ? ['absolute', '1'] : ['0.6']));
  }

  /** Messages that are ready in a queue, and those that a consumer has not acknowledged. */
  async messages(queue: string, vhost = '/'): Promise<{ readonly ready: number; readonly unacknowledged: number }> {
    const table = await this.ctl(
      'list_queues',
      '-q',
      '-p',
      vhost,
      '--no-table-headers',
      'name',
      'messages_ready',
      'messages_unacknowledged',
    );
    const row = table.split('\n').find((line) => line.startsWith(`${queue}\t`));
    if (row === undefined) throw new Error(`there is no queue ${queue} in ${vhost}`);
    const [, ready, unacknowledged] = row.split('\t');
    return { ready: Number(ready), unacknowledged: Number(unacknowledged) };
  }

  /** Ends everything and deletes its folder. */
  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    await end(this.#mapper, 'SIGKILL');
    // Killed, since by its own end it would kill numbers that may be others' by now.
    this.#watchdog.kill('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const node = this.#node;
    if (node === undefined) return;
    node.kill('SIGCONT');
    await end(node, signal);
    this.#node = undefined;
    this.#tellWatchdog();
  }

  #tellWatchdog(): void {
    this.#watchdog.stdin?.write(`${[this.#mapper.pid, this.#node?.pid].filter((pid) => pid !== undefined).join(' ')}\n`);
  }
}

/** Writes what the node reads; returns the environment of its programs. */
async function prepare(folder: string, port: number): Promise<NodeJS.ProcessEnv> {
  const cookie = join(folder, '.erlang.cookie');
  await writeFile(cookie, globalThis.crypto.randomUUID());
  await chmod(cookie, 0o400);
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'plugins'), '[].');
  // The smaller write-ahead log keeps quorum queues below 300 MB under load.
  const config = [`listeners.tcp.1 = 127.0.0.1:${port}`, 'raft.wal_max_size_bytes = 32000000', 'vm_memory_high_watermark.relative = 0.6'];
  await writeFile(join(folder, 'rabbitmq.conf'), `${config.join('\n')}\n`);
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: folder,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(await freePort()),
    RABBITMQ_NODENAME: `phanos-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(await freePort()),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    // Without it the script stays between us and the node, and signals would reach the script.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 15_000);
  child.kill(signal);
  await ended;
  clearTimeout(impatience);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
