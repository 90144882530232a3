/**
 * Suites of this file: soap-broadcast.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
