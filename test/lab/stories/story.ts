/**
 * A story is a run of the lab that cannot be told as a pair: it goes through several states and asserts on the way.
 */
import type { Lab } from '../lab.ts';
import type { Who } from '../properties/property.ts';
import type { NodeName } from '../story.ts';

export type Story = { readonly name: string; readonly run: (lab: Lab) => Promise<void> };

/** Looks every few milliseconds until something is so; faults with the words after the deadline. */
export const eventually = async (
  what: string,
  look: () => Promise<boolean> | boolean,
  deadlineMs = 10_000,
): Promise<void> => {
  const end = Date.now() + deadlineMs;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const canOpen = async (lab: Lab, from: Who, to: string, port: number, timeout = 5): Promise<boolean> =>
  (await lab.puppet(from).tell('tcp', { to, port, timeout })).ok;

export const cannotOpen = async (lab: Lab, from: Who, to: string, port: number): Promise<boolean> =>
  !(await canOpen(lab, from, to, port, 0.2));

let streams = 0;
/** An open connection with a heartbeat. */
export const openStream = async (lab: Lab, from: Who, to: string, port: number): Promise<string> => {
  streams += 1;
  const name = `stream-${streams}`;
  const answer = await lab.puppet(from).tell('stream', { name, to, port });
  if (!answer.ok) throw new Error(`${from} cannot open ${to}:${port}: ${answer.error}`);
  return name;
};

export const nodeNames: readonly NodeName[] = ['n1', 'n2'];
