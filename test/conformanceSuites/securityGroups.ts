/**
 * Suites of this file: rules, security-groups, describe-filters.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
