/** Rules of Prometheus, and the file that holds them. */

/** A series that Prometheus computes and keeps. */
export interface RecordingRule {
  /** `level:metric:operations`, as Prometheus names such series. */
  readonly record: string;
  readonly expr: string;
}

/** A condition that somebody is to be told of. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** Time for which the condition must hold, such as `10m`; none: it fires at once. */
  readonly for?: string;
  readonly severity: 'critical' | 'warning';
  /** One line, with Prometheus's templates for labels and value. */
  readonly summary: string;
  /** What it means and what to do. */
  readonly description: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertingRule | RecordingRule)[];
}

/** The groups as a rule file in YAML, to be named under `rule_files`. */
export function ruleFileText(groups: readonly RuleGroup[]): string {
  const texts = groups.map(({ name, rules }) => `  - name: ${name}\n    rules:\n${rules.map(ruleText).join('')}`);
  return `groups:\n${texts.join('')}`;
}

function ruleText(rule: AlertingRule | RecordingRule): string {
  if ('record' in rule) return `      - record: ${rule.record}\n${exprText(rule.expr)}`;
  const wait = rule.for === undefined ? '' : `        for: ${rule.for}\n`;
  // YAML takes JSON's strings, whatever is in them.
  const annotations = `          summary: ${JSON.stringify(rule.summary)}\n          description: ${JSON.stringify(rule.description)}\n`;
  const labels = `        labels:\n          severity: ${rule.severity}\n`;
  return `      - alert: ${rule.alert}\n${exprText(rule.expr)}${wait}${labels}        annotations:\n${annotations}`;
}

function exprText(expr: string): string {
  return `        expr: |\n${expr
    .trim()
    .split('\n')
    .map((line) => `          ${line.trimEnd()}\n`)
    .join('')}`;
}
