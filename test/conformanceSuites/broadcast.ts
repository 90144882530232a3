/**
 * Suites of this file: broadcast-coalescing, broadcast-fanout.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
