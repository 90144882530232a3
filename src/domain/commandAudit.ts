/**
 * Refused commands, with who wished them and why not: a stream of its own (`audit-<cloud>`), so that a refused wish never
 * touches the stream it was about. Nothing here ever changes the network.
 */

export type CommandAuditEvent = {
  readonly type: 'CommandRefused';
  readonly command: string;
  /** What the command was about, e.g. an instance id. */
  readonly subject: string;
  readonly refused: string;
  readonly detail: string;
};
