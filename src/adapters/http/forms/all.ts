/** All commands that may come in from outside, by name. What is not here only the house itself may wish. */
import type { CommandType } from '../../../domain/commands.ts';
import type { CommandForm } from '../commandForm.ts';
import { addressForms } from './addresses.ts';
import { clusterForms } from './clusters.ts';
import { configurationForms } from './configuration.ts';
import { instanceForms } from './instances.ts';
import { securityGroupForms } from './securityGroups.ts';

export const commandForms: ReadonlyMap<string, CommandForm> = new Map(
  [configurationForms, clusterForms, addressForms, securityGroupForms, instanceForms]
    .flat()
    .map((form) => [form.type, form] as const),
);

/** Wished by the house only: they follow from the clock or from a cluster's answer, and nobody outside has a say in when. */
export const internalCommands: readonly CommandType[] = [
  'ExpireReservation',
  'ExpireImpending',
  'ExpireInstance',
  'CompleteAddress',
  'ReportInstance',
  'MissInstance',
  'ResolveCluster',
  'ReclaimAddress',
  'AdoptAddress',
];
