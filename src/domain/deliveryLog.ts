/**
 * What was delivered to whom: one stream per cluster (`delivery-<cluster>`), written when a cluster controller has answered
 * true, so that every document ever delivered can be proven against the log later.
 */

export type DeliveryEvent = {
  readonly type: 'DocumentDelivered';
  readonly cluster: string;
  readonly epoch: number;
  /** Position the document reflects. */
  readonly version: number;
  /** Digest of the document's parts (hex), see projections/document/pieces.ts. */
  readonly digest: string;
  readonly dialect: string;
  readonly bytes: number;
};
