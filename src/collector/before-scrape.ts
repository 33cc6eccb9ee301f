/** Asks for the newest measurements before a scrape, without ever letting the scrape wait long. */

/** Milliseconds that a scrape waits for the newest measurements. */
const PATIENCE = 200;

/** Brings in what is not in the collector yet. */
export type BeforeScrape = () => Promise<void> | void;

/** Runs the hook. Resolves after 200 ms at the latest, to true if the hook is done by then and did not fail; never rejects. */
export async function runBeforeScrape(hook: BeforeScrape): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const running = hook();
    if (running === undefined) return true;
    // Not unref'd: somebody waits for this scrape, and it is over soon.
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, PATIENCE, false);
    });
    // A rejection that comes after its time is over has nobody else to catch it; `race` does.
    return await Promise.race([Promise.resolve(running).then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
