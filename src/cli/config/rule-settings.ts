import { checkRecordRules, type RecordRule } from '../../collector/ingest/records/record-rule.js';
import type { ConfigNode } from './config-node.js';

const FIELDS = ['kind', 'units', 'job', 'item', 'labels', 'name', 'help', 'bounds', 'callPath', 'drop'] as const;

/** Reads the rules that say which families records become. */
export function recordRulesIn(node: ConfigNode): readonly RecordRule[] | undefined {
  return node.list(ruleIn);
}

function ruleIn(node: ConfigNode): RecordRule | undefined {
  const fields = node.fields(FIELDS);
  const rule = {
    kind: fields.kind?.word(['counter', 'enum', 'gauge', 'histogram', 'info', 'summary']),
    units: fields.units?.text(),
    job: fields.job?.text(),
    item: fields.item?.text(),
    labels: fields.labels?.list((label) => label.text()),
    name: fields.name?.text(),
    help: fields.help?.text(),
    bounds: fields.bounds?.list((bound) => bound.number()),
    callPath: fields.callPath?.flag(),
    drop: fields.drop?.flag(),
  };
  try {
    const known = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
    return checkRecordRules([known], 'rule')[0];
  } catch (error) {
    return node.fault(`is wrong: ${(error as Error).message.replace(/^rule\[0\]: /, '')}`);
  }
}
