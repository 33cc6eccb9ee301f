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

/** Resolves with the work or after the time, whichever comes first, to whether the work was done. Rejects if the work does so in time. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, milliseconds), false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
