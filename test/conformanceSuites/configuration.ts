/**
 * Suites of this file: config-parse, config-environment, config-explode, config-validate, config-set-property, config-resolve, config-private-addresses.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
