/**
 * Suites of this file: network-info, network-info-44, network-info-xml.
 */
import type { Suites } from './verdict.ts';

export const suites: Suites = {};
