/**
 * What a cluster says of an instance's addresses: in EDGE mode it is only compared with what was decided, in generic mode it is
 * so because the cluster says it.
 */
import type { InstanceEvent, InstanceRecord } from './instance.ts';

export type ReportedAddresses = { readonly privateAddress?: string; readonly macAddress?: string };

/** Generic mode: what is reported is so. Blank members say nothing. */
export const learnAddresses = (
  state: InstanceRecord,
  instanceId: string,
  reported: ReportedAddresses,
): readonly InstanceEvent[] => {
  if (state.state === undefined) return [];
  const said = (value: string | undefined, known: string): string =>
    value === undefined || value === '' || value === '0.0.0.0' ? known : value;
  const macAddress = said(reported.macAddress?.toLowerCase(), state.macAddress);
  const privateAddress = said(reported.privateAddress, state.privateAddress);
  const isKnown = macAddress === state.macAddress && privateAddress === state.privateAddress;
  return isKnown ? [] : [{ type: 'InstanceAddressLearned', instanceId, macAddress, privateAddress }];
};

/** What a report says differently is recorded once and overwrites nothing (cloud spec 7.3, fix 15). */
export const noteDifference = (
  state: InstanceRecord,
  instanceId: string,
  reported: ReportedAddresses,
): readonly InstanceEvent[] => {
  const differing = (['privateAddress', 'macAddress'] as const).flatMap((member) => {
    // MAC addresses are written in either case.
    const value = reported[member]?.toLowerCase();
    const blank = value === undefined || value === '' || value === '0.0.0.0' || state[member] === '';
    return blank || value === state[member] || state.differed === `${member}=${value}`
      ? []
      : [{ type: 'InstanceReportDiffered' as const, instanceId, member, expected: state[member], reported: value }];
  });
  return state.state === undefined ? [] : differing;
};
