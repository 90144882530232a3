/**
 * Suites of this file: ip-range, cidr, resource-identifiers, mac, mac-prefix-44.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
