import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { listOf, parseXml, renderXml, s3Namespace, XmlMalformed } from './rest-xml.ts'

const malformed = (text: string, root = 'A') => expect(parseXml(text, root)).rejects.toThrow(XmlMalformed)

test('A document has a declaration, the namespace when asked for, and repeats lists', () => {
  expect(renderXml('R', { A: 1, B: [true, 'x'], C: undefined, D: { E: '' } }, s3Namespace)).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A>1</A><B>true</B><B>x</B><D><E></E></D></R>',
  )
  expect(renderXml('R', { G: { '@xsi:type': 'a"b', ID: '1' } })).toContain('<G xsi:type="a&quot;b"><ID>1</ID></G>')
})

test('Characters that XML 1.0 does not allow are written as character references', () => {
  expect(renderXml('R', { Key: 'a\0\r\n\x1f&<>"\uffff' })).toContain(
    '<Key>a&#x0;&#xd;&#xa;&#x1f;&amp;&lt;&gt;&quot;&#xffff;</Key>',
  )
})

test('Text comes untrimmed with its entities decoded, CDATA literally', async () => {
  const parsed = await parseXml(
    '<?xml version="1.0"?>\n<A xmlns="n">\n <B> &#x41;&amp;lt;&#66; </B><!-- c --><B><![CDATA[&amp;<!DOCTYPE]]>&lt;</B><C/> <D t="1&gt;"><E>007</E></D></A>\n',
    'A',
  )
  expect(parsed).toEqual({ B: [' A&lt;B ', '&amp;<!DOCTYPE<'], C: '', D: { '@t': '1>', E: '007' } })
  expect(await parseXml('<A/>', 'A')).toEqual({})
  expect(await parseXml('<A> </A>', 'A')).toEqual({})
})

test('Children of one name are a list, however many', () => {
  expect(listOf(undefined)).toEqual([])
  expect(listOf('a')).toEqual(['a'])
  expect(listOf(['a', 'b'])).toEqual(['a', 'b'])
})

test('What is not well-formed, or not the document asked for, is refused', async () => {
  const texts = [
    '',
    'x',
    '<A>',
    '<A></B>',
    '<A></A><A></A>',
    '<A/><A/>',
    '<A/>text',
    'text<A/>',
    '<B/>',
    '<A>text</A>',
    '<A><B/>text</A>',
    '<A><B>&</B></A>',
    '<A><B>&nbsp;</B></A>',
    '<A><B>&toString;</B></A>',
    '<A><B>&#xd800;</B></A>',
    '<A><B>&#x110000;</B></A>',
    '<A><B>\0</B></A>',
    '<!DOCTYPE A [<!ENTITY e "x">]><A><B>&e;</B></A>',
    '<A><B></A></B>',
    '{"A":1}',
    '<A'.repeat(1000),
    '<A>'.repeat(1000) + '</A>'.repeat(1000),
  ]
  for (const text of texts) await malformed(text)
})

test('An element named like a property of every object does no harm', async () => {
  await malformed('<A><__proto__><x>1</x></__proto__></A>')
  const parsed = await parseXml('<A><toString>1</toString></A>', 'A')
  expect(Object.entries(parsed)).toEqual([['toString', '1']])
})

test('What is rendered is read back equal', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\ufffe\uffff]/.test(value))
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      expect(await parseXml(renderXml('A', { B: value, C: { D: [value, value] } }), 'A')).toEqual({
        B: value,
        C: { D: [value, value] },
      })
    }),
  )
})
