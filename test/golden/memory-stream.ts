import { Writable } from 'node:stream';

/** A stream that keeps what is written to it, at once. */
export function memoryStream(): { readonly output: Writable; text(): string; clear(): void } {
  let text = '';
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, written) {
      text += chunk;
      written();
    },
  });
  return {
    output,
    text: () => text,
    clear: () => {
      text = '';
    },
  };
}
