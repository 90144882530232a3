/**
 * The full render: a network document -> its bytes, from scratch. It is the oracle: whatever is kept incrementally must
 * equal what comes out here. It depends on its arguments alone; no clock, no locale, no insertion order.
 */
import { canonicalDocument } from './canonical.ts';
import {
  clustersWrapper,
  clusterXml,
  frameOf,
  groupsWrapper,
  groupXml,
  headXml,
  instancesWrapper,
  instanceXml,
  prologXml,
  wrap,
} from './fragments.ts';
import type { Dialect, DocumentStamp, NetworkDocument } from './model.ts';
import { type WrittenDocument, writtenDocument } from './written.ts';

/** The document's canonical text. Without a stamp the root carries no attributes. */
export const renderDocument = (document: NetworkDocument, dialect: Dialect, stamp?: DocumentStamp): string =>
  renderWritten(writtenDocument(canonicalDocument(document), dialect), dialect, stamp);

/** The same as UTF-8, in pieces that follow one another: start, instances, groups. */
export const renderBytes = (document: NetworkDocument, dialect: Dialect, stamp?: DocumentStamp): readonly Buffer[] =>
  sectionsOf(writtenDocument(canonicalDocument(document), dialect), dialect, stamp).map((text) => Buffer.from(text));

/** Elements in the order given; canonical only if they are. */
export const renderWritten = (document: WrittenDocument, dialect: Dialect, stamp?: DocumentStamp): string =>
  sectionsOf(document, dialect, stamp).join('');

const sectionsOf = (document: WrittenDocument, dialect: Dialect, stamp?: DocumentStamp): readonly string[] => {
  const { configuration, instances, securityGroups } = document;
  const frame = frameOf(dialect);
  const clusters = wrap(clustersWrapper, configuration.clusters.map(clusterXml).join(''));
  return [
    prologXml(dialect, stamp) + headXml(configuration) + clusters + frame.afterConfiguration,
    wrap(instancesWrapper, instances.map((instance) => instanceXml(instance, dialect)).join('')),
    frame.afterInstances + wrap(groupsWrapper, securityGroups.map(groupXml).join('')) + frame.end,
  ];
};
