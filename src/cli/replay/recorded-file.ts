import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PhanosError } from '../../diagnostics/phanos-error.js';
import { type RecordedMessage, readRecordedLine } from '../messages/recorded-message.js';

/**
 * The messages of a file, `-` for standard input, in their order; empty lines are left out. Throws MESSAGES_INVALID with the place of a line that can't
 * be read, or if the file can't be.
 */
export async function* recordedFile(file: string): AsyncGenerator<RecordedMessage, void, undefined> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  // Readline itself would let the error of its input go by.
  const failing = new Promise<never>((_resolve, reject) => {
    input.once('error', (cause: Error) => {
      reject(new PhanosError('MESSAGES_INVALID', `${file} can't be read (${cause.message}); check its name and rights`, { cause }));
    });
  });
  failing.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  let number = 0;
  for (;;) {
    const { value: line, done } = await Promise.race([lines.next(), failing]);
    if (done === true) break;
    number++;
    if (line.trim() === '') continue;
    let message: RecordedMessage;
    try {
      message = readRecordedLine(line);
    } catch (error) {
      const where = file === '-' ? 'standard input' : file;
      throw new PhanosError(
        'MESSAGES_INVALID',
        `${where}:${number}: this line ${(error as Error).message}; what stands before it was sent`,
      );
    }
    yield message;
  }
  await Promise.race([Promise.resolve(), failing]);
}
