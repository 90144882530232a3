/**
 * What the agent works with: the tools, the kernel's rules and other state, the DHCP server. Built once from the settings.
 */
import { join } from 'node:path';
import { defaultNodeOptions, type NodeOptions } from '../../../projections/plan/model.ts';
import { createPlanner, type Planner } from '../../../projections/plan/planner.ts';
import { createDocumentReader, type DocumentReader } from '../documentReader.ts';
import type { AgentSettings } from './agentModel.ts';
import { type Announcer, createAnnouncer } from './announce.ts';
import { type Clearance, createClearance } from './conntrack.ts';
import { createDhcpServer, type DhcpServer } from './dhcpServer.ts';
import { createDnsmasq } from './dnsmasq.ts';
import { createHostState, type HostState } from './hostState.ts';
import { createNft, type Nft } from './nft.ts';
import { createNftSession, type NftSession } from './nftSession.ts';
import { createProgrammer, type Programmer } from './programmer.ts';
import { createShells, type Shells } from './shells.ts';
import { defaultTools, type Tools } from './tool.ts';

export type Engines = {
  readonly options: NodeOptions;
  readonly tools: Tools;
  readonly shells: Shells;
  readonly session: NftSession;
  readonly announcer: Announcer;
  readonly clearance: Clearance;
  readonly reader: DocumentReader;
  readonly planner: Planner;
  readonly nft: Nft;
  readonly host: HostState;
  readonly programmer: Programmer;
  readonly dhcp: DhcpServer | undefined;
};

/** `complain` hears what goes wrong when nobody waits for it. */
export const createEngines = (settings: AgentSettings, complain: (problems: readonly string[]) => void): Engines => {
  const tools = { ...defaultTools, ...settings.tools };
  const options = { ...defaultNodeOptions, ...settings.options };
  const shells = createShells(6);
  const session = createNftSession(tools.nft);
  const nft = createNft(tools, shells.run, session);
  const host = createHostState(tools, options, shells.run);
  return {
    options,
    tools,
    shells,
    session,
    announcer: createAnnouncer({ tools, run: shells.run }),
    clearance: createClearance(tools, shells.run, complain),
    reader: createDocumentReader(),
    planner: createPlanner(settings.nodeNames, options),
    nft,
    host,
    programmer: createProgrammer(nft, host),
    dhcp: settings.mode === 'plan' ? undefined : dhcpDriver(settings, tools, options.bridge),
  };
};

const dhcpDriver = (settings: AgentSettings, tools: Tools, bridge: string): DhcpServer | undefined => {
  switch (settings.dhcp ?? 'internal') {
    case 'internal':
      return createDhcpServer();
    case 'dnsmasq':
      return createDnsmasq(tools, join(settings.statusFolder, 'net'), bridge);
    case 'off':
      return undefined;
  }
};
