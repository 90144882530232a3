/**
 * The one MAC prefix that Eucalyptus 4.2 and later use for the whole cloud (cloud spec 4.7). Ours are made from the prefix
 * of the instance's cluster; this is for whoever has to agree with a later cloud controller.
 */
import type { ConfigurationMembers } from './members.ts';
import { defaultMacPrefix } from './populate.ts';

/** The prefix of the only cluster that gives one; else the top-level prefix; else the default. */
export const macPrefix44 = (configuration: ConfigurationMembers): string => {
  const [only, ...others] = (configuration.Clusters ?? []).flatMap((cluster) => cluster.MacPrefix || []);
  if (only !== undefined && others.length === 0) return only;
  return configuration.MacPrefix || defaultMacPrefix;
};
