/**
 * MAC addresses of instances: the prefix of the instance's cluster and the eight hex digits of the instance id, so that the
 * address is known when the instance is created and the same whoever computes it (cloud spec 4.7).
 */
import { identifierDigits } from './identifiers.ts';

/** `d0:0d` and `i-a7f05959` -> `d0:0d:a7:f0:59:59`, lower case. `instanceId` is canonical or at least well-formed. */
export const macAddress = (prefix: string, instanceId: string): string => {
  const pairs = identifierDigits(instanceId).match(/../g) ?? [];
  return [prefix, ...pairs].join(':').toLowerCase();
};

/** Two octets, `xx:xx`, either case. */
export const isMacPrefix = (text: string): boolean => /^[0-9a-fA-F]{2}:[0-9a-fA-F]{2}$/.test(text);

/** Six octets, either case. */
export const isMacAddress = (text: string): boolean => /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/.test(text);
