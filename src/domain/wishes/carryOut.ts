/** From a wish to the decisions it means. Exhaustive: a new command says here what it does. */
import type { Command } from '../commands.ts';
import { executeGroupCommand } from '../executeGroups.ts';
import { addressReportWish, adoptWish, reclaimWish } from './addressReports.ts';
import {
  allocateWish,
  associateWish,
  completeWish,
  disassociateWish,
  expireImpendingWish,
  expireReservationWish,
  freeWish,
  releaseWish,
} from './addressWishes.ts';
import { clusterWish } from './clusterWishes.ts';
import { configurationWish, raiseEpochWish } from './configurationWishes.ts';
import {
  abortWish,
  expireWish,
  placeWish,
  runningWish,
  startWish,
  stoppedWish,
  stopWish,
  terminatedWish,
  terminateWish,
} from './instanceWishes.ts';
import { runWish } from './launch.ts';
import { instanceReportWish, missWish, reportWish } from './reportWishes.ts';
import { groupSettingsOf, type Outcome, type Scene } from './scene.ts';

export const carryOut = (command: Command, scene: Scene): Outcome => {
  switch (command.type) {
    case 'PostConfiguration':
    case 'ClearConfiguration':
    case 'ChangeProperty':
    case 'ChangeProperties':
    case 'ResetProperty':
      return configurationWish(command, scene);
    case 'RaiseEpoch':
      return raiseEpochWish(command, scene);
    case 'RegisterCluster':
    case 'ResolveCluster':
    case 'EnableCluster':
    case 'DisableCluster':
    case 'DeregisterCluster':
    case 'ReportNodes':
    case 'ForgetNodes':
    case 'ReportMode':
      return clusterWish(command, scene);
    case 'AllocateAddress':
      return allocateWish(command, scene);
    case 'ReleaseAddress':
      return releaseWish(command, scene);
    case 'AssociateAddress':
      return associateWish(command, scene);
    case 'DisassociateAddress':
      return disassociateWish(command, scene);
    case 'FreeAddress':
      return freeWish(command, scene);
    case 'CompleteAddress':
      return completeWish(command, scene);
    case 'ReportAddresses':
      return addressReportWish(command, scene);
    case 'ReclaimAddress':
      return reclaimWish(command, scene);
    case 'AdoptAddress':
      return adoptWish(command, scene);
    case 'ExpireImpending':
      return expireImpendingWish(command, scene);
    case 'ExpireReservation':
      return expireReservationWish(command, scene);
    case 'CreateSecurityGroup':
    case 'DeleteSecurityGroup':
    case 'AuthorizeIngress':
    case 'RevokeIngress':
      return executeGroupCommand(scene.unit, command, groupSettingsOf(scene));
    case 'RunInstances':
      return runWish(command, scene);
    case 'AbortRun':
      return abortWish(command, scene);
    case 'PlaceInstance':
      return placeWish(command, scene);
    case 'MarkRunning':
      return runningWish(command, scene);
    case 'StopInstance':
      return stopWish(command, scene);
    case 'MarkStopped':
      return stoppedWish(command, scene);
    case 'StartInstance':
      return startWish(command, scene);
    case 'TerminateInstance':
      return terminateWish(command, scene);
    case 'MarkTerminated':
      return terminatedWish(command, scene);
    case 'ExpireInstance':
      return expireWish(command, scene);
    case 'ReportInstances':
      return reportWish(command, scene);
    case 'ReportInstance':
      return instanceReportWish(command, scene);
    case 'MissInstance':
      return missWish(command, scene);
  }
};
