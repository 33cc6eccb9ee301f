import type { ReplayFigures } from './replayer.js';

/** Milliseconds between two lines: a terminal overwrites the one before, a log gets them more rarely. */
const ON_TERMINAL = 500;
const IN_LOG = 5000;

const number = new Intl.NumberFormat('en-US');

/** Tells on standard error how far it is, until the returned function is called. */
export function startProgress(figures: () => ReplayFigures, total: number | undefined): () => void {
  const start = performance.now();
  const { stderr } = process;
  let isWritten = false;
  const timer = setInterval(
    () => {
      const { sent, taken } = figures();
      const of = total === undefined ? '' : ` of ${number.format(total)}`;
      const rate = Math.round((taken * 1000) / (performance.now() - start));
      const line = `${number.format(sent)}${of} sent, ${number.format(taken)} taken, ${number.format(rate)}/s`;
      stderr.write(stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
      isWritten = true;
    },
    stderr.isTTY ? ON_TERMINAL : IN_LOG,
  );
  return () => {
    clearInterval(timer);
    if (isWritten && stderr.isTTY) stderr.write('\r\u001b[K');
  };
}

/** What became of everything, in one sentence. */
export function summaryText({ sent, taken, returned, refused, lost }: ReplayFigures): string {
  const parts = [`${number.format(taken)} of ${number.format(sent)} messages taken`];
  if (returned > 0) parts.push(`${number.format(returned)} found no queue`);
  if (refused > 0) parts.push(`${number.format(refused)} were refused by a queue that is full or broken`);
  if (lost > 0) parts.push(`of ${number.format(lost)} nothing is known, since the connection was lost`);
  return parts.join('; ');
}
