/**
 * The vocabulary of the wire: namespaces, algorithm names, endpoint paths and SOAPAction texts, each written once.
 * Nothing here is configurable: a peer compares these texts byte for byte (node spec 1.1 and 1.3).
 */
import type { MessageKind } from './messages.ts';

export const namespaces = {
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  soap12: 'http://www.w3.org/2003/05/soap-envelope',
  eucalyptus: 'http://eucalyptus.ucsb.edu/',
  addressing: 'http://www.w3.org/2005/08/addressing',
  security: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  securityUtility: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const;

export const algorithms = {
  exclusiveCanonical: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  base64Binary: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary',
  x509v3: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3',
} as const;

/** Where a reply goes: back on the same connection. */
export const anonymousAddress = 'http://www.w3.org/2005/08/addressing/anonymous';

/** Where the two controllers listen by default (node spec 1.1). */
export const endpoints = {
  clusterController: { port: 8774, path: '/axis2/services/EucalyptusCC' },
  nodeController: { port: 8775, path: '/axis2/services/EucalyptusNC' },
} as const;

/**
 * Longest base64 text a C cluster controller keeps; it cuts the rest without a word (node spec 1.2), so a sender must
 * refuse to send more. Our own controllers take what their size limit lets in.
 */
export const longestNetworkInfo = { '4.0': 10_485_759, '4.4': 52_428_799 } as const;

export const contentType = 'text/xml; charset=UTF-8';

/**
 * The action a message is sent with. Node operations lose their `nc` prefix: the WSDL says
 * `EucalyptusNC#BroadcastNetworkInfo` for the element `ncBroadcastNetworkInfo`.
 */
export const actionOf = (kind: MessageKind): string =>
  kind.startsWith('nc') ? `EucalyptusNC#${kind.slice(2)}` : `EucalyptusCC#${kind}`;

/** The actions a receiver takes for an element: the WSDL's, and the element's own name as the Java CC of 5.0 sends it. */
export const acceptedActions = (kind: MessageKind): readonly string[] =>
  kind.startsWith('nc') ? [actionOf(kind), `EucalyptusNC#${kind}`] : [actionOf(kind)];
