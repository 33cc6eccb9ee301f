import { get } from 'node:http';

/** A process that reads a scrape when it is told to, and answers with the number of its lines and the milliseconds to its first byte. */
export function serveReading(url: string): void {
  process.once('message', () => {
    const asked = performance.now();
    get(url, (response) => {
      let lines = 0;
      let firstByte = 0;
      response.on('data', (chunk: Buffer) => {
        if (firstByte === 0) firstByte = performance.now() - asked;
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
      });
      response.on('end', () => process.send?.([lines, firstByte], () => process.disconnect()));
    });
  });
  process.send?.('ready');
}
