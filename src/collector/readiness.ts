/** Whether a service may be sent traffic, and if not, why. */
export interface Readiness {
  readonly ready: boolean;
  /** A sentence each; empty where all is well. */
  readonly reasons: readonly string[];
}

/** Something that has a say in whether the service is ready. Returns why it is not, or undefined. */
export type ReadinessCheck = () => string | undefined;

export function readinessOf(checks: Iterable<ReadinessCheck>): Readiness {
  const reasons: string[] = [];
  for (const check of checks) {
    const reason = check();
    if (reason !== undefined) reasons.push(reason);
  }
  return { ready: reasons.length === 0, reasons };
}
