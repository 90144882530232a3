/**
 * Suites of this file: networking-service, networking-prepare.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
