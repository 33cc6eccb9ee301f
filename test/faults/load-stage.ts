import { rm } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { newFolder } from '../support/project.js';
import { Load } from './load.js';
import type { LoadOptions } from './load-options.js';

/** Where tests under load happen: a folder for each test, and an end to everything that it has started. */
export interface LoadStage {
  /** Of the test that runs. */
  readonly folder: string;
  start(options: Omit<LoadOptions, 'folder'>): Load;
}

/** To be called once in a file, outside of its tests. */
export function loadStage(): LoadStage {
  let fixture: CompiledFixture;
  let folder: string;
  const loads: Load[] = [];
  beforeAll(async () => {
    fixture = await compileFixture('test/faults/fixtures/load.ts', { decorators: 'tc39' });
    return () => fixture.remove();
  });
  beforeEach(async () => {
    folder = await newFolder();
  });
  afterEach(async () => {
    await Promise.all(loads.splice(0).map((load) => load.stop()));
    await rm(folder, { recursive: true });
  });
  return {
    get folder() {
      return folder;
    },
    start(options) {
      const load = new Load(fixture.entry, { ...options, folder });
      loads.push(load);
      return load;
    },
  };
}
