import { LAST_MOMENTS } from '../at-risk.js';
import { type Asked, type RouteComparison, total } from './comparison.js';
import { amountText, bytesText, countText } from './number-text.js';
import { left, right, tableLines } from './table.js';
import type { TextLine } from './text-line.js';

/** The last lines of a run that was counted right. @param deaths workers that died before they were told to end */
export function agreement({ load, visitors }: Asked, comparisons: readonly RouteComparison[], deaths: number): TextLine[] {
  const sent = Object.values(load).reduce((sum, route) => sum + route.sent, 0);
  const visits = Object.values(visitors).reduce((sum, route) => sum + route.sent, 0);
  const guests = visits === 0 ? '' : ` + ${countText(visits)} by visitors`;
  const unanswered = total(comparisons, (comparison) => comparison.unanswered);
  const texts = deaths + unanswered === 0 ? equalities(comparisons, sent, guests) : bounds(comparisons, sent, guests, deaths);
  return texts.map((text) => ({ text, style: 'green' }));
}

function equalities(comparisons: readonly RouteComparison[], sent: number, guests: string): string[] {
  const failed = countText(total(comparisons, (comparison) => comparison.failed));
  const bytes = bytesText(total(comparisons, (comparison) => comparison.bytes));
  const calls = total(comparisons, (comparison) => comparison.calls.count);
  return tableLines(
    [right(''), left(''), left('')],
    [
      [countText(calls), 'root calls counted by phanos', `= ${countText(sent)} requests sent by the load process${guests}`],
      [failed, 'of them with errors', `= ${failed} answers of 400 and above`],
      [bytes, 'returned by the others', `= ${bytes} in the bodies of the other answers`],
    ],
  ).slice(1);
}

/** Where workers died, what they counted in their last moments is lost, and so are the requests that they were busy with. */
function bounds(comparisons: readonly RouteComparison[], sent: number, guests: string, deaths: number): string[] {
  const answered = total(comparisons, (comparison) => comparison.answered);
  const unanswered = total(comparisons, (comparison) => comparison.unanswered);
  const atRisk = total(comparisons, (comparison) => comparison.atRisk.answered);
  const calls = total(comparisons, (comparison) => comparison.calls.count);
  const late = `in the last ${LAST_MOMENTS / 1000} s of ${amountText(deaths, 'worker')}`;
  return [
    ...tableLines(
      [right(''), left(''), left('')],
      [
        [countText(sent), 'requests sent by the load process', guests.trim()],
        [countText(answered), 'answered', ''],
        [countText(unanswered), 'ended without an answer', ''],
        [countText(calls), 'root calls counted by phanos', ''],
        [
          countText(answered + unanswered - calls),
          'sent, but not counted',
          `at most ${countText(unanswered + atRisk)}: ${countText(unanswered)} without an answer + ${countText(atRisk)} answered ${late}`,
        ],
      ],
    ).slice(1),
    'errors and bytes agree as well, route by route, within the same bound',
  ];
}
