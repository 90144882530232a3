/**
 * Suites of this file: public-address-transitions, public-address-flows.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
