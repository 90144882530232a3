/** Exclusive canonicalisation, rule by rule, with the expected bytes written out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalise, canonicalOf, prefixList } from '../../../src/adapters/soap/security/canonical.ts';
import { within } from '../../../src/adapters/soap/xmlQueries.ts';
import { createXmlReader, type XmlElement } from '../../../src/adapters/soap/xmlTree.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';

/** The element with that local name in a document. */
const find = (xml: string, local: string): XmlElement => {
  const reader = createXmlReader();
  reader.write(Buffer.from(xml));
  const root = reader.end();
  if (isRefusal(root)) throw new Error(`test document refused: ${root.detail}`);
  const [found] = [...within(root)].filter((element) => element.local === local);
  if (found === undefined) throw new Error(`no ${local} in the test document`);
  return found;
};

type Rule = { what: string; xml: string; apex: string; canonical: string; inclusive?: string };

const rules: readonly Rule[] = [
  {
    what: 'a namespace nobody uses is not written, whatever surrounds the apex',
    xml: '<n0:pdu xmlns:n0="http://a" xmlns:n1="http://b" xml:lang="fr"><n1:elem2 xmlns:n0="foo:bar" xml:lang="en"><n3:stuff xmlns:n3="ftp://c"/></n1:elem2></n0:pdu>',
    apex: 'elem2',
    canonical: '<n1:elem2 xmlns:n1="http://b" xml:lang="en"><n3:stuff xmlns:n3="ftp://c"></n3:stuff></n1:elem2>',
  },
  {
    what: 'a namespace is written where it is first used, and again in each branch',
    xml: '<a xmlns:p="urn:u"><p:b/><p:c><p:d/></p:c></a>',
    apex: 'a',
    canonical: '<a><p:b xmlns:p="urn:u"></p:b><p:c xmlns:p="urn:u"><p:d></p:d></p:c></a>',
  },
  {
    what: 'a prefix bound anew is written anew, and bound back as well',
    xml: '<p:a xmlns:p="urn:u"><p:b xmlns:p="urn:v"><p:c xmlns:p="urn:u"/></p:b></p:a>',
    apex: 'a',
    canonical: '<p:a xmlns:p="urn:u"><p:b xmlns:p="urn:v"><p:c xmlns:p="urn:u"></p:c></p:b></p:a>',
  },
  {
    what: 'the default namespace is undone only where it was written',
    xml: '<a xmlns="urn:u"><b xmlns=""><c xmlns="urn:u"/></b></a>',
    apex: 'a',
    canonical: '<a xmlns="urn:u"><b xmlns=""><c xmlns="urn:u"></c></b></a>',
  },
  {
    what: 'an apex without namespace needs no undoing',
    xml: '<a xmlns="urn:u"><b xmlns=""><c/></b></a>',
    apex: 'b',
    canonical: '<b><c></c></b>',
  },
  {
    what: 'attributes sort by namespace name, then local name, plain ones first; declarations by prefix',
    xml: '<e:a z="1" b:x="2" a:y="3" c="4" a:b="5" xmlns:b="http://a" xmlns:a="http://b" xmlns:e="http://e"/>',
    apex: 'a',
    canonical:
      '<e:a xmlns:a="http://b" xmlns:b="http://a" xmlns:e="http://e" c="4" z="1" b:x="2" a:b="5" a:y="3"></e:a>',
  },
  {
    what: 'text and attribute values are escaped as prescribed',
    xml: '<a v="&lt;&gt;&amp;&quot;\'&#9;&#10;&#13;x\ty">&lt;&gt;&amp;"\'&#13;&#9;\r\n<![CDATA[<&>]]></a>',
    apex: 'a',
    canonical: '<a v="&lt;>&amp;&quot;\'&#x9;&#xA;&#xD;x y">&lt;&gt;&amp;"\'&#xD;\t\n&lt;&amp;&gt;</a>',
  },
  {
    what: 'comments are left out and blanks kept',
    xml: '<a> <!-- x --> <b>1<!-- y -->2</b>\n</a>',
    apex: 'a',
    canonical: '<a>  <b>12</b>\n</a>',
  },
  {
    what: 'an inclusive prefix is written at the apex although only a value uses it',
    xml: '<r xmlns:q="urn:u" xmlns:z="urn:v"><a t="q:int"><b t="q:int"/></a></r>',
    apex: 'a',
    inclusive: 'q nowhere',
    canonical: '<a xmlns:q="urn:u" t="q:int"><b t="q:int"></b></a>',
  },
  {
    what: 'the default namespace may be inclusive, too',
    xml: '<p:r xmlns="urn:u" xmlns:p="urn:v"><p:a/></p:r>',
    apex: 'a',
    inclusive: '#default',
    canonical: '<p:a xmlns="urn:u" xmlns:p="urn:v"></p:a>',
  },
  {
    what: 'characters beyond ASCII sort by code point, not by UTF-16 unit',
    xml: '<a \u{10000}="1" \uf900="2"/>',
    apex: 'a',
    canonical: '<a \uf900="2" \u{10000}="1"></a>',
  },
];

for (const { what, xml, apex, canonical, inclusive = '' } of rules) {
  test(what, () => assert.equal(canonicalOf(find(xml, apex), prefixList(inclusive)), canonical));
}

test('canonical text is a fixed point', () => {
  for (const { xml, apex } of rules) {
    const once = canonicalOf(find(xml, apex));
    assert.equal(canonicalOf(find(once, apex)), once);
  }
});

test('long text is handed on alone, in order', () => {
  const long = 'x'.repeat(100_000);
  const stretches: string[] = [];
  canonicalise(find(`<a><b>1</b>${long}<c/></a>`, 'a'), new Set(), (stretch) => stretches.push(stretch));
  assert.deepEqual(stretches, ['<a><b>1</b>', long, '<c></c></a>']);
});
