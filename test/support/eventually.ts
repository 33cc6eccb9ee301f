type Answer<T> = Exclude<T, false | null | undefined>;

/**
 * Asks again and again until the answer is neither `undefined`, `null` nor `false`, and returns it.
 *
 * @param condition a clause for the error message, such as 'Prometheus is ready'
 * @param ask may also throw: its last error becomes the cause
 * @param within milliseconds
 */
export async function eventually<T>(condition: string, ask: () => T | Promise<T>, within = 10_000): Promise<Answer<T>> {
  const deadline = performance.now() + within;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer as Answer<T>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${within} ms in vain until ${condition}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
