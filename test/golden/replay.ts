import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { DEVIATIONS, type Deviation, INEXPRESSIBLE } from './deviations.js';
import { type GoldenFile, type GoldenProgram, MODULES, programsOf } from './golden-program.js';
import { comparableParts, outcomeOf, type Port, perform, pick } from './outcome.js';

/** Compares every program of a file with its port: all parts of its outcome are as in Python, but for those that its deviation names. */
export function replay(file: GoldenFile, ports: Readonly<Record<string, Port>>): void {
  const programs = programsOf(file);
  const deviations: Readonly<Record<string, Deviation>> = DEVIATIONS[file] ?? {};
  const inexpressible: Readonly<Record<string, string>> = INEXPRESSIBLE[file] ?? {};
  const ported = programs.filter(({ name }) => Object.hasOwn(ports, name));

  test('every program has a port, or a reason why there is none', () => {
    expect([...Object.keys(ports), ...Object.keys(inexpressible)].sort()).toEqual(programs.map(({ name }) => name).sort());
    expect(Object.keys(ports)).toEqual(expect.arrayContaining(Object.keys(deviations)));
  });

  test('every bug of the original is listed', () => {
    const bugs = programs.filter(({ description }) => description.startsWith('BUG')).map(({ name }) => name);
    expect([...Object.keys(deviations), ...Object.keys(inexpressible)]).toEqual(expect.arrayContaining(bugs));
  });

  const alike = ported.filter(({ name }) => !Object.hasOwn(deviations, name));
  test.each(alike)('$name: $description', async (program) => {
    const { outcome, error } = await perform(MODULES[file], ports[program.name] as Port);
    if (error !== undefined && program.raised_to_caller === null) throw error;
    const expected = outcomeOf(program);
    const parts = comparableParts(expected, outcome);
    expect(pick(outcome, parts)).toEqual(pick(expected, parts));
  });

  const deviating = ported.flatMap((program) => ({ program, deviation: deviations[program.name] }));
  test.each(deviating.filter(isDeviating))('$program.name: $deviation.why', async ({ program, deviation }) => {
    const { outcome, calls } = await perform(MODULES[file], ports[program.name] as Port);
    const expected = outcomeOf(program);
    const differing = comparableParts(expected, outcome).filter((part) => !isDeepStrictEqual(expected[part], outcome[part]));
    expect({
      // The stream's text follows from the calls.
      parts: differing.filter((part) => part !== 'calls' && (part !== 'stream' || !differing.includes('calls'))),
      calls: differing.includes('calls') ? calls : 'as in Python',
    }).toEqual({ parts: [...(deviation.parts ?? [])].sort(), calls: deviation.calls ?? 'as in Python' });
  });
}

interface Deviating {
  readonly program: GoldenProgram;
  readonly deviation: Deviation;
}

function isDeviating(pair: { readonly program: GoldenProgram; readonly deviation: Deviation | undefined }): pair is Deviating {
  return pair.deviation !== undefined;
}
