/**
 * Signature wrapping, the attack that once took Eucalyptus over by its SOAP interface: the signed part is kept, moved to
 * where nobody uses it, and a forged part put in its place. The eight known arrangements, each for the Body (or for the
 * part the arrangement is about), and the header variants. Every one keeps the original signature intact.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { accept, cut, nowMs, signedText, swap, verdict, verifierOf } from './fixtures.ts';

const text = signedText();
const body = cut(text, 'soapenv:Body');
const evil = swap(body, '<euca:epoch>7<', '<euca:epoch>666<');
const without = (from: string, id: string): string => swap(from, new RegExp(` wsu:Id="${id}"`), '');
const renamed = (from: string, id: string): string => swap(from, `wsu:Id="${id}"`, `wsu:Id="${id}-evil"`);
const wrapped = (inner: string): string => `<x:Wrapper xmlns:x="urn:x">${inner}</x:Wrapper>`;
const intoHeader = (from: string, what: string): string => swap(from, '</soapenv:Header>', `${what}</soapenv:Header>`);

type Attack = { readonly name: string; readonly forged: string; readonly refused: string };

const bodyAttacks: readonly Attack[] = [
  {
    name: 'XSW1: the signed Body in a wrapper in the Header, a forged Body without id in its place',
    forged: intoHeader(swap(text, body, without(evil, 'id-4')), wrapped(body)),
    refused: 'security-misplaced',
  },
  {
    name: 'XSW2: the signed Body before the forged one, both in the Envelope',
    forged: swap(text, body, body + renamed(evil, 'id-4')),
    refused: 'soap-structure',
  },
  {
    name: 'XSW3: the forged Body before the signed one, both in the Envelope',
    forged: swap(text, body, renamed(evil, 'id-4') + body),
    refused: 'soap-structure',
  },
  {
    name: 'XSW4: the signed Body inside the forged one',
    forged: swap(text, body, swap(renamed(evil, 'id-4'), '</soapenv:Body>', `${body}</soapenv:Body>`)),
    refused: 'soap-structure',
  },
  {
    name: 'XSW4b: the signed Body inside the forged message',
    forged: swap(
      text,
      body,
      swap(renamed(evil, 'id-4'), '</euca:BroadcastNetworkInfo>', `${body}</euca:BroadcastNetworkInfo>`),
    ),
    refused: 'security-misplaced',
  },
  {
    name: 'XSW5: the forged Body under the very same id, the signed one in the Header',
    forged: intoHeader(swap(text, body, evil), wrapped(body)),
    refused: 'soap-duplicate-id',
  },
  {
    name: 'XSW6: the signed Body inside the Signature',
    forged: swap(swap(text, body, renamed(evil, 'id-4')), '</ds:Signature>', `${body}</ds:Signature>`),
    refused: 'security-structure',
  },
  {
    name: 'XSW7: the signed Body inside an extension of the forged message, under the same id',
    forged: swap(
      text,
      body,
      swap(evil, '</euca:BroadcastNetworkInfo>', `${wrapped(body)}</euca:BroadcastNetworkInfo>`),
    ),
    refused: 'soap-duplicate-id',
  },
  {
    name: 'XSW8: the signed Body inside an Object of the Signature',
    forged: swap(
      swap(text, body, renamed(evil, 'id-4')),
      '</ds:Signature>',
      `<ds:Object>${body}</ds:Object></ds:Signature>`,
    ),
    refused: 'security-structure',
  },
  {
    name: 'the signed Body as a Header block: a lawful place for another part, not for a Body',
    forged: intoHeader(swap(text, body, without(evil, 'id-4')), body),
    refused: 'security-unsigned-part',
  },
  {
    name: 'a second Envelope inside the first Body',
    forged: `${text.slice(0, text.indexOf('<soapenv:Header>'))}${without(evil, 'id-4').replace('</soapenv:Body>', `${text}</soapenv:Body>`)}</soapenv:Envelope>`,
    refused: 'soap-structure',
  },
  {
    name: 'the forged Body in a second Header next to the first',
    forged: swap(text, '<soapenv:Header>', `<soapenv:Header>${wrapped(evil)}</soapenv:Header><soapenv:Header>`),
    refused: 'soap-structure',
  },
];

const timestamp = cut(text, 'wsu:Timestamp');
const fresh = renamed(swap(timestamp, '05:53:08.000Z</wsu:Expires>', '06:53:08.000Z</wsu:Expires>'), 'TS-1');
const security = cut(text, 'wsse:Security');

const headerAttacks: readonly Attack[] = [
  ...['To', 'Action', 'MessageID'].map((local) => {
    const part = cut(text, `wsa:${local}`);
    const id = /wsu:Id="([^"]*)"/.exec(part)?.[1] ?? '';
    return {
      name: `a forged ${local} in place, the signed one in a wrapper`,
      forged: intoHeader(swap(text, part, without(part, id).replace('</', 'X</')), wrapped(part)),
      refused: 'security-misplaced',
    };
  }),
  {
    name: 'a forged To beside the signed one',
    forged: intoHeader(text, without(cut(text, 'wsa:To'), 'id-1')),
    refused: 'soap-duplicate-header',
  },
  {
    name: 'a fresh Timestamp in place, the signed one in a wrapper in the Header',
    forged: intoHeader(swap(text, timestamp, fresh), wrapped(timestamp)),
    refused: 'security-misplaced',
  },
  {
    name: 'a fresh Timestamp in place, the signed one a Header block',
    forged: intoHeader(swap(text, timestamp, fresh), timestamp),
    refused: 'security-unsigned-part',
  },
  {
    name: 'a fresh Timestamp beside the signed one',
    forged: swap(text, timestamp, fresh + timestamp),
    refused: 'security-structure',
  },
  {
    name: 'a second Security header with the fresh Timestamp',
    forged: swap(
      text,
      security,
      `<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">${fresh}</wsse:Security>${security}`,
    ),
    refused: 'security-structure',
  },
  {
    name: 'the Security header in a wrapper',
    forged: swap(text, security, wrapped(security)),
    refused: 'security-missing',
  },
];

for (const { name, forged, refused } of [...bodyAttacks, ...headerAttacks]) {
  test(name, () => assert.equal(verdict(forged), refused));
}

test('an id without the utility namespace is not an id a reference can find', () => {
  const forged = intoHeader(swap(text, body, swap(evil, 'wsu:Id="id-4"', 'Id="id-4"')), wrapped(renamed(body, 'id-4')));
  assert.equal(verdict(forged), 'security-structure');
});

test('what is accepted is what was signed: a header nobody signed changes nothing', () => {
  const outcome = accept(
    intoHeader(text, wrapped('<euca:epoch xmlns:euca="http://eucalyptus.ucsb.edu/">666</euca:epoch>')),
  );
  assert.ok(!isRefusal(outcome));
  assert.equal(outcome.message.epoch, 7);
});

test('an old message with a fresh unsigned Timestamp stays old', () => {
  const old = signedText({ atMs: nowMs - 3_600_000 });
  let clock = nowMs - 7_200_000;
  const verifier = verifierOf({ now: () => clock });
  clock = nowMs;
  assert.equal(verdict(swap(old, cut(old, 'wsu:Timestamp'), timestamp), verifier), 'security-digest');
  assert.equal(verdict(old, verifier), 'security-expired');
});
