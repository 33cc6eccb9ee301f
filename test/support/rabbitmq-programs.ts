import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { announce, isProgram, onPath } from './provide.js';
import { outputOf } from './run-program.js';

/** The programs of an installed RabbitMQ. */
export interface RabbitmqPrograms {
  readonly server: string;
  readonly ctl: string;
  /** Erlang's port mapper, through which nodes and `rabbitmqctl` find each other. */
  readonly epmd: string;
}

let found: Promise<RabbitmqPrograms> | undefined;

/**
 * The RabbitMQ that is installed; on Debian and as root its package is installed if there is none, without starting its service.
 *
 * It prints which one it took. If there is none, it throws a sentence that says what to do: no test is skipped for want of one.
 * Installing may take minutes: give the test or hook that asks first a timeout of 330 000 ms.
 */
export function rabbitmqPrograms(): Promise<RabbitmqPrograms> {
  found ??= findPrograms();
  return found;
}

async function findPrograms(): Promise<RabbitmqPrograms> {
  let source = 'installed';
  let programs = installed();
  let cause: unknown;
  if (programs === undefined && existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    source = "Debian's package";
    await installDebianPackage().catch((error: unknown) => {
      cause = error;
    });
    programs = installed();
  }
  if (programs === undefined) {
    throw new Error(
      'The tests need RabbitMQ: install rabbitmq-server, or for those that stop no broker set PHANOS_TEST_AMQP to the URL of one.',
      {
        cause,
      },
    );
  }
  announce('rabbitmq-server', programs.server, source);
  return programs;
}

function installed(): RabbitmqPrograms | undefined {
  const server = [onPath('rabbitmq-server'), '/usr/sbin/rabbitmq-server', '/usr/lib/rabbitmq/bin/rabbitmq-server'].find(
    (path) => path !== undefined && isProgram(path),
  );
  const epmd = onPath('epmd');
  if (server === undefined || epmd === undefined) return undefined;
  // Debian puts a wrapper around the scripts that changes to the user and folder of its service.
  const real = realpathSync(server);
  const folder = dirname(basename(real) === 'rabbitmq-script-wrapper' ? realpathSync(join(dirname(real), 'rabbitmq-server')) : real);
  return { server: join(folder, 'rabbitmq-server'), ctl: join(folder, 'rabbitmqctl'), epmd };
}

async function installDebianPackage(): Promise<void> {
  // With this level, Debian's scripts take the machine for one in maintenance and start no service.
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, within: 300_000 };
  await outputOf('apt-get', ['update', '-qq'], options);
  await outputOf('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'rabbitmq-server'], options);
}
