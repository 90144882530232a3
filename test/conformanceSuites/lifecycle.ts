/**
 * Suites of this file: vm-states.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
