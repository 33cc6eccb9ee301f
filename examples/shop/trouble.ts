/** What can happen to anybody and is told in one sentence, without a stack: a taken port, a process that was killed. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
}
