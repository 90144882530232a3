/**
 * Reasons for which a controller or a node refuses a document. They never answer a request; they stand in /v1/convergence as
 * `refusal.reason` and `lastFailure.reason`, and their pages say what to do.
 */
import type { ProblemRow, ProblemRows } from '../problems.ts';

const kept = (title: string, explanation: string, next: string): ProblemRow => [
  'conflict',
  title,
  `${explanation} The last good document stays in force there.`,
  next,
];

export const deliveryProblems: ProblemRows = {
  'seal-refused': kept(
    'The seal does not hold',
    'What came over the wire between controllers is not sealed by the key that is expected here, or not for this receiver, or too long ago.',
    'Compare the certificates of both machines (edgelog keys), and their clocks.',
  ),
  'older-document': kept(
    'An older document came',
    'The receiver has a newer (epoch, version) and takes nothing older.',
    'If the log was restored from a backup, raise the epoch: POST /v1/epoch.',
  ),
  'same-version-other-content': kept(
    'One version, two contents',
    'Two documents of one version differ. This must never happen: two control planes may be writing, or a log was rolled back.',
    'Find out which control planes run on this log, and raise the epoch.',
  ),
  'document-malformed': kept(
    'The document cannot be read',
    'The text is not a network document.',
    'Look at what lies between the control plane and the node.',
  ),
  'document-truncated': kept(
    'The document is cut off',
    'It ends before its end.',
    'Look for a full disk or a broken connection.',
  ),
  'document-size': kept(
    'The document is too large',
    'It is beyond the limit of the receiver.',
    'Raise the receiver’s limit, or split the cloud.',
  ),
  'document-mode': kept(
    'The document is of another mode',
    'Only EDGE documents are applied here.',
    'Check the mode in the configuration.',
  ),
  'document-network': kept(
    'The network in it makes no sense',
    'Subnet, gateway or addresses in it contradict each other.',
    'Correct the configuration.',
  ),
  'document-duplicate': kept(
    'Something is in it twice',
    'Two instances share a MAC or an address.',
    'GET /v1/events?subject={address} shows how that came about.',
  ),
  'document-without-node': kept(
    'The node is not in it',
    'The document does not name this node.',
    'Check which nodes the cluster reports: GET /v1/clusters/{name}.',
  ),
  'document-too-large': kept(
    'The document is too large to send',
    'It is beyond the size limit of the push. It is never cut.',
    'Raise the limit, or split the cloud.',
  ),
  'cannot-write': kept(
    'The document cannot be kept',
    'The file could not be written, often for want of space or rights.',
    'Look at the disk and the rights of the data folder there.',
  ),
  'kernel-refused': kept(
    'The kernel refuses some rules',
    'The rest is in force; the rules named stay as they were.',
    'GET /v1/convergence names them; revoke or correct those rules.',
  ),
  'delta-malformed': kept(
    'A difference cannot be read',
    'What came is not a difference between two documents.',
    'Nothing: the whole document is sent instead.',
  ),
  'delta-base': kept(
    'A difference from something else',
    'The difference starts from a document the receiver does not have.',
    'Nothing: the whole document is sent instead.',
  ),
  'delta-digest': kept(
    'A difference with another result',
    'The document made of the difference has another digest than it should have.',
    'Nothing: the whole document is sent instead. If it comes again and again, report it.',
  ),
};
