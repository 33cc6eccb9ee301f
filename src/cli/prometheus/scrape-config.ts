/** How Prometheus is told to scrape a collector. */

export interface ScrapeConfigOptions {
  /** Where collectors or embedded servers listen, as `host:port`. */
  readonly targets: readonly string[];
  /**
   * Seconds between two scrapes.
   * @default 15
   */
  readonly interval?: number;
  /**
   * File of a user name's password for basic auth; the user is `prometheus`.
   */
  readonly passwordFile?: string | undefined;
  /**
   * `https` where the collector has a certificate.
   * @default 'http'
   */
  readonly scheme?: 'http' | 'https';
}

/**
 * A configuration for Prometheus that scrapes what phanos collected and the collector itself, and loads its rules.
 *
 * `honor_labels` is on: a service puts `job` and `instance` of the producer on each series, and without it Prometheus would rename them to
 * `exported_job` and `exported_instance`.
 *
 * @param ruleFile name of the rule file, relative to the configuration
 */
export function scrapeConfigText({ targets, interval = 15, passwordFile, scheme = 'http' }: ScrapeConfigOptions, ruleFile: string): string {
  const auth =
    passwordFile === undefined ? '' : `    basic_auth:\n      username: prometheus\n      password_file: ${JSON.stringify(passwordFile)}\n`;
  const job = (name: string, path: string): string =>
    `  - job_name: ${name}\n    honor_labels: true\n    scheme: ${scheme}\n    metrics_path: ${path}\n${auth}    static_configs:\n      - targets: ${JSON.stringify(targets)}\n`;
  return (
    `global:\n  scrape_interval: ${interval}s\n  evaluation_interval: ${interval}s\n\n` +
    `rule_files:\n  - ${JSON.stringify(ruleFile)}\n\n` +
    `scrape_configs:\n${job('phanos', '/metrics')}${job('phanos-collector', '/-/metrics')}`
  );
}
