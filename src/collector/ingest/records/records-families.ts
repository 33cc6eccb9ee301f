import type { ExposedFamily } from '../../../exposition/exposed-family.js';
import { OwnFamilies } from '../../own-family-builder.js';
import type { RecordsIntake } from './records-intake.js';

/** What became of records. Their job is told by another label than `job`, which is that of the collector itself here. */
export function recordsFamilies({ applied, faults, refused }: RecordsIntake): Iterable<ExposedFamily> {
  const own = new OwnFamilies();
  own.counter('records', 'Records of the first wire that were applied.', undefined, [['', applied]]);
  own.counter('record_faults', 'Messages of the first wire that nobody can read.', undefined, [['', faults]]);
  own.byReason('refused_records', 'Records of the first wire that were not applied, by job and reason.', refused, 'of_job');
  return own.families;
}
