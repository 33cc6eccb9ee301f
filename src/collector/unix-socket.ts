import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { PhanosError } from '../diagnostics/phanos-error.js';

/**
 * Makes room for a unix socket: one that a dead process left behind is removed. Rejects with PORT_TAKEN if somebody listens there, with LISTEN_FAILED if
 * there is a file that is no socket.
 */
export async function clearSocketPath(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new PhanosError('LISTEN_FAILED', `${path} exists and is no socket; choose another path, or remove the file`);
  if (await answers(path)) throw new PhanosError('PORT_TAKEN', `another program listens on ${path}; stop it, or choose another path`);
  await unlink(path);
}

/** Lets the owner and the group of the socket connect, and nobody else. */
export async function protectSocket(path: string): Promise<void> {
  await chmod(path, 0o660);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => (): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', end(true)).once('error', end(false)).setTimeout(2000, end(true));
  });
}
