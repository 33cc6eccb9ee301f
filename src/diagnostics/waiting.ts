/** Waiting for something that may take too long, or that must not be lost because nothing else keeps the process alive. */

/** Milliseconds; any time will do, as long as the timer exists. */
const AWAKE = 5000;

/** Keeps the process alive while somebody waits for this: nothing else of phanos does. */
export async function awake<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, AWAKE);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Resolves with the work, or after the time to undefined, whichever comes first. Rejects if the work does so in time. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The work as it is, or a rejection with what `late` makes once the time is over. Its timer keeps no process alive. */
export async function inTime<T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, milliseconds)).unref();
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
