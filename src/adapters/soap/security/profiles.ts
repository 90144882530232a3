/**
 * The two suites of algorithms we speak, and no other: SHA-256 is our own default, SHA-1 is what Eucalyptus' Basic256Rsa15
 * policy demands of its peers (node spec 1.3). An algorithm that is not in this table is refused by name.
 */

export type SignatureProfile = 'rsa-sha256' | 'rsa-sha1';
export type DigestName = 'sha256' | 'sha1';

export type ProfileAlgorithms = {
  readonly signatureMethod: string;
  readonly digestMethod: string;
  readonly digest: DigestName;
  readonly digestLength: number;
};

export const profileAlgorithms: Readonly<Record<SignatureProfile, ProfileAlgorithms>> = {
  'rsa-sha256': {
    signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digestMethod: 'http://www.w3.org/2001/04/xmlenc#sha256',
    digest: 'sha256',
    digestLength: 32,
  },
  'rsa-sha1': {
    signatureMethod: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1',
    digest: 'sha1',
    digestLength: 20,
  },
};

/** Life of a timestamp and the clock difference a receiver forgives (node spec 1.3). */
export const timestampLifeMs = 300_000;
export const clockSkewMs = 20_000;
