import { get } from 'node:http';

/** A process that reads a scrape when it is told to, and answers with the number of its lines. */
export function serveReading(url: string): void {
  process.once('message', () => {
    get(url, (response) => {
      let lines = 0;
      response.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
      });
      response.on('end', () => process.send?.(lines, () => process.disconnect()));
    });
  });
  process.send?.('ready');
}
