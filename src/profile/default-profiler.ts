import { setDefaultOwner } from '../metrics/metric.js';
import { Profiler } from './profiler.js';

/** The profiler that most programs need; metrics register with it unless told otherwise. */
export const profiler = new Profiler();

setDefaultOwner(profiler);

/** Decorator and function wrapper of the default profiler. */
export const profile = profiler.profile;

/** Class decorator of the default profiler. */
export const profileAll = profiler.profileAll;
