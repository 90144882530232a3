/**
 * A property of the node: something that happens or does not happen to real packets, and what makes it so. Each is tried
 * twice, as it should be and with exactly its cause left out, and must come out the other way.
 */
import type { GuardName, NodeOptions } from '../../../src/projections/plan/model.ts';
import type { Lab } from '../lab.ts';
import type { PuppetAnswer } from '../puppet.ts';
import type { Scene } from '../story.ts';

/** What is taken away, or added, to turn the property over. */
export type Cause =
  | { readonly guard: GuardName }
  | { readonly scene: Scene }
  | { readonly options: Partial<NodeOptions> };

export type Probe = (lab: Lab, patience: number) => Promise<boolean>;

export type Property = {
  readonly name: string;
  /** The document both runs start from. */
  readonly base?: Scene;
  readonly cause: Cause;
  /** What the probe says when everything is in place. */
  readonly holds: boolean;
  readonly probe: Probe;
  /** Must not run beside others: it disturbs them. */
  readonly alone?: true;
};

export type Who = Parameters<Lab['puppet']>[0];

let serial = 0;
/** A word no packet carried before. */
export const token = (): string => {
  serial += 1;
  return `token-${process.pid}-${serial}-`;
};
export const hexOf = (text: string): string => Buffer.from(text).toString('hex');

export const tcp = async (lab: Lab, from: Who, to: string, port: number, timeout: number): Promise<PuppetAnswer> =>
  lab.puppet(from).tell('tcp', { to, port, timeout });

/** Can `from` open a connection? */
export const opens =
  (from: Who, to: string, port: number): Probe =>
  async (lab, patience) =>
    (await tcp(lab, from, to, port, patience)).ok;

/** Does the other side see this source? */
export const seenAs =
  (from: Who, to: string, port: number, source: string): Probe =>
  async (lab, patience) =>
    (await tcp(lab, from, to, port, patience)).peer === source;

export const asks =
  (from: Who, to: string, port: number): Probe =>
  async (lab, timeout) =>
    (await lab.puppet(from).tell('udp', { to, port, token: token(), timeout })).ok;

export const pings =
  (from: Who, to: string): Probe =>
  async (lab, timeout) =>
    (await lab.puppet(from).tell('raw', { to, protocol: 1, body: '0800', timeout })).ok;

/** Do these frames, sent by one, reach the wire of another? The maker gets a word to put inside. */
export const reaches =
  (from: Who, to: Who, make: (word: string) => Buffer, device = 'eth0'): Probe =>
  async (lab, timeout) => {
    const word = token();
    await lab.puppet(from).tell('frames', { device, frames_hex: [make(word).toString('hex')] });
    return (await lab.puppet(to).tell('saw_frame', { part: hexOf(word), timeout })).ok;
  };

/** The same where the frame carries no free text: recognised by bytes of its own. */
export const shows =
  (from: Who, to: Who, frame: Buffer, part: Buffer): Probe =>
  async (lab, timeout) => {
    await lab.puppet(from).tell('frames', { device: 'eth0', frames_hex: [frame.toString('hex')] });
    return (await lab.puppet(to).tell('saw_frame', { part: part.toString('hex'), timeout })).ok;
  };
