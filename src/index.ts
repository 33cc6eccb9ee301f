/** The client's door: hands out the exports of the copy of phanos that this process loaded first. */

import * as own from './client.js';
import { oneInstance } from './one-instance.js';

const shared = oneInstance(own);

export type * from './client.js';

// A class is exported twice, as a value and as a type of the same name; `export type *` gives way to both.
export const { consoleLogger, PhanosError } = shared;
export type PhanosError = own.PhanosError;
