/**
 * The registry of conformance suites: suite name -> function that judges one case. One file per family; a family's file
 * exports `suites` and is spread in below. A name that is missing here makes every case of that suite a failure.
 *
 *   type Case    = { readonly id: string; readonly [member: string]: unknown }      the case as it stands in the file
 *   type Verdict = { passed: true } | { passed: false; expected: unknown; got: unknown }
 *   type Suite   = (c: Case) => Verdict | Promise<Verdict>                          may throw: that is a failure, too
 *
 * All three live in `verdict.ts`, with `same(expected, got)` (exact, absent = undefined), `unknownOperation(op)` and the
 * readers `objectMember`, `textMember`, `numberMember`, `textsMember` for members of a case. Cases of profile 4.4 carry
 * `c.profile === '4.4'`. A suite keeps no state between cases.
 */
import { suites as addresses } from './addresses.ts';
import { suites as broadcast } from './broadcast.ts';
import { suites as configuration } from './configuration.ts';
import { suites as lifecycle } from './lifecycle.ts';
import { suites as networkInfo } from './networkInfo.ts';
import { suites as networking } from './networking.ts';
import { suites as privateAddresses } from './privateAddresses.ts';
import { suites as publicAddresses } from './publicAddresses.ts';
import { suites as securityGroups } from './securityGroups.ts';
import { suites as soap } from './soap.ts';
import type { Suites } from './verdict.ts';

export type { Case, Suite, Suites, Verdict } from './verdict.ts';

export const suites: Suites = {
  ...addresses,
  ...configuration,
  ...privateAddresses,
  ...publicAddresses,
  ...securityGroups,
  ...networkInfo,
  ...lifecycle,
  ...networking,
  ...broadcast,
  ...soap,
};
