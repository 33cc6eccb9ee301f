import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../support/project.js';

/** Bodies that are made to exhaust their reader, read in a thread that has too little memory for what they ask for. */

const MIB = 1024 * 1024;
/** A whole batch at its limits takes less, JSON.parse of some of these bodies takes more. */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

let decoder: string;

beforeAll(async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(root, 'src/record/batch-decoder.ts'),
      target: 'node20',
      write: false,
      rollupOptions: { output: { format: 'cjs' } },
    },
  });
  decoder = (result as unknown as { readonly output: readonly [{ readonly code: string }] }).output[0].code;
});

/** What the thread answers. Rejects if it runs out of memory. */
function answerOf(body: Uint8Array, read: string): Promise<string> {
  const worker = new Worker(
    `${read}\nconst { parentPort, workerData } = require('node:worker_threads');\nparentPort.postMessage(answer(Buffer.from(workerData)));`,
    {
      eval: true,
      resourceLimits: MEMORY,
      workerData: body,
    },
  );
  return new Promise<string>((resolve, reject) => {
    let answer = 'none';
    worker.on('message', (message: string) => {
      answer = message;
    });
    // The thread may answer before it is found to have taken too much.
    worker.once('error', reject);
    worker.once('exit', () => resolve(answer));
  });
}

const decoded = (body: string): Promise<string> =>
  answerOf(
    Buffer.from(body),
    `${decoder}
    function answer(body) {
      try {
        const { families, refused } = exports.decodeBatch(body);
        const rows = families.reduce((sum, family) => sum + family.rows.length, 0);
        return families.length + ' families, ' + rows + ' rows, ' + refused.reduce((sum, { rows }) => sum + rows, 0) + ' refused';
      } catch (error) {
        return error.code + ' ' + error.message.split(';')[0];
      }
    }`,
  );

const HEAD =
  '{"version":2,"producer":{"job":"","instance":"","worker":"","boot":""},"seq":1,"oldest":1,"heartbeat":0,"ops":0,"produced":0,"dropped":0,"whole":false,"goodbye":false';

/** A document of about 8 MiB with this text again and again in the middle. */
const filled = (start: string, again: string | ((i: number) => string), end: string, times?: number): string => {
  const text = typeof again === 'string' ? () => again : again;
  const length = times ?? Math.floor((8 * MIB - 1000) / text(1e6).length);
  return HEAD + start + Array.from({ length }, (_, i) => text(i)).join('') + end;
};

const family = (kind: string, rest = '"labelNames":["l"]') =>
  `,"strings":["a"],"families":[{"kind":"${kind}","schema":{"name":"n","help":"",${rest}},"rows":[`;
const bounds = `"labelNames":["l"],"bounds":[${Array.from({ length: 999 }, (_, i) => i).join()}]`;
const sketched = '"labelNames":["l"],"sketch":{"maxBuckets":160,"zeroThreshold":0}';

test.each([
  ['arrays in arrays', filled(',"x":', '[', ''), /^BATCH_INVALID the batch is invalid: more than 30 levels at byte \d+$/],
  [
    'objects in objects',
    filled(',"strings":', '{"a":', ''),
    /^BATCH_INVALID the batch is invalid at strings: more than 30 levels at byte \d+$/,
  ],
  [
    'arrays in a row',
    filled(family('counter'), '[', ''),
    /^BATCH_INVALID the batch is invalid at families\[0\]\.rows: more than 30 levels at byte \d+$/,
  ],
  ['millions of empty arrays', filled(',"x":[', '[],', '[]],"strings":[],"families":[]}'), /^0 families, 0 rows, 0 refused$/],
  ['millions of empty objects', filled(',"x":[', '{},', '{}],"strings":[],"families":[]}'), /^0 families, 0 rows, 0 refused$/],
  ['a million unknown fields', filled('', (i) => `,"${i}":0`, ',"strings":[],"families":[]}', 700_000), /^0 families, 0 rows, 0 refused$/],
  ['one string of 8 MB', filled(',"strings":["', 'aaaaaaaaaa', '"],"families":[]}'), /^0 families, 0 rows, 0 refused$/],
  ['a million labels', filled(',"strings":[', (i) => `"${i}",`, '"x"],"families":[]}', 800_000), /more than 500000 strings at byte \d+$/],
  [
    'as many labels as there may be',
    filled(',"strings":[', (i) => `"label ${i}",`, '"x"],"families":[]}', 499_999),
    /^0 families, 0 rows, 0 refused$/,
  ],
  [
    'a million names of labels',
    filled(',"strings":[],"families":[{"kind":"counter","schema":{"name":"n","help":"","labelNames":[', '"l",', '"l"]}}]}', 1e6),
    /^0 families, 0 rows, 1 refused$/,
  ],
  ['a million families', filled(',"strings":[],"families":[', '{},', '{}]}'), /at families: more than 50000 of them$/],
  [
    'families with long names',
    filled(
      ',"strings":[],"families":[',
      (i) => `{"kind":"counter","schema":{"name":"${i}${'n'.repeat(4000)}","help":"","labelNames":[]},"rows":[[-1]]},`,
      '{}]}',
    ),
    /^2\d\d\d families, 0 rows, 2\d\d\d refused$/,
  ],
  ['as many rows as there may be', filled(family('counter'), '[0,1],', '[0,1]]}]}', 399_999), /^1 families, 400000 rows, 0 refused$/],
  ['one more', filled(family('counter'), '[0,1],', '[0,1]]}]}', 400_000), /at families\[0\]\.rows: more than 400000 rows in the batch$/],
  [
    'rows of no family',
    filled(',"strings":[],"families":[{"rows":[', '0,', '0]}]}'),
    /at families\[0\]\.rows: more than 400000 rows in the batch$/,
  ],
  ['as many bad rows', filled(family('counter'), '[9],', '[9]]}]}', 399_999), /^1 families, 0 rows, 400000 refused$/],
  [
    'histograms of few bytes with many buckets',
    filled(family('histogram', bounds), '[0,0,-1000],', '[]]}]}', 600_000),
    /more than 8000000 label values, numbers and buckets in the batch$/,
  ],
  [
    'as many buckets as there may be',
    filled(family('histogram', bounds), '[0,0,-1000],', '[0,0,-1000]]}]}', 7900),
    /^1 families, 7901 rows, 0 refused$/,
  ],
  [
    'sketches of few bytes with many buckets',
    filled(family('histogram', sketched), '[0,0,0,0,0,1000,0,-1000,0],', '[]]}]}', 300_000),
    /more than 8000000 label values, numbers and buckets in the batch$/,
  ],
  [
    'as many buckets of sketches as there may be',
    filled(family('summary', sketched), '[0,0,0,0,0,1000,0,-1000,1000,0,-1000],', '[]]}]}', 3900),
    /^1 families, 3900 rows, 1 refused$/,
  ],
  [
    'sketches with millions of buckets',
    filled(family('histogram', sketched), '[0,0,0,8,0,1000000,-500000,-1000000,0],', '[]]}]}', 100_000),
    /^1 families, 0 rows, 100001 refused$/,
  ],
  [
    'as many sketches as there may be',
    filled(family('summary', sketched), '[0,0,0,0,0,0,0,1,1],', '[]]}]}', 225_000),
    /^1 families, 225000 rows, 1 refused$/,
  ],
  [
    'as many exemplars as there may be',
    filled(family('counter').replace('"rows":[', '"exemplars":['), '[0,1,1,0,0],', '[]]}]}', 255_000),
    /^1 families, 0 rows, 1 refused$/,
  ],
  ['a row of millions of numbers', filled(`${family('info')}[0`, ',0', ']]}]}'), /^1 families, 0 rows, 1 refused$/],
  ['a number of millions of digits', filled(`${family('gauge')}[0,1`, '0123456789', ']]}]}'), /^1 families, 1 rows, 0 refused$/],
  ['more bytes than there may be', `${HEAD},"x":"${'a'.repeat(10 * MIB)}"}`, /it has \d+ bytes, where 8388608 are allowed$/],
])('%s', async (_, body, answer) => {
  expect(await decoded(body)).toMatch(answer);
});

test('the thread has too little memory to parse such bodies before looking at them', async () => {
  const parsed = answerOf(
    Buffer.from(filled(',"x":[', '{},', '{}],"strings":[],"families":[]}')),
    'function answer(body) { return JSON.parse(body).strings.length; }',
  );
  await expect(parsed).rejects.toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
});
