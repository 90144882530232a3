/**
 * Suites of this file: allocator.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
