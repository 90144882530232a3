/** The routes of the control plane itself. What other parts of the house offer over HTTP is added in `createHttpServer`. */
import type { Route } from '../route.ts';
import { addressRoutes } from './addresses.ts';
import { addressPoolRoutes } from './addressPools.ts';
import { batchRoutes } from './batch.ts';
import { callerRoutes } from './caller.ts';
import { clusterRoutes } from './clusters.ts';
import { configurationRoutes } from './configuration.ts';
import { eventRoutes } from './events.ts';
import { instanceRoutes } from './instances.ts';
import { operationRoutes } from './operations.ts';
import { probeRoutes } from './probes.ts';
import { securityGroupRoutes } from './securityGroups.ts';

export const coreRoutes: readonly Route[] = [
  ...configurationRoutes,
  ...clusterRoutes,
  ...addressRoutes,
  ...addressPoolRoutes,
  ...securityGroupRoutes,
  ...instanceRoutes,
  ...eventRoutes,
  ...batchRoutes,
  ...operationRoutes,
  ...callerRoutes,
  ...probeRoutes,
];
