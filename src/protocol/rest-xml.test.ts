import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { nextTurn } from '../event-loop.ts'
import { listOf, parseXml, renderXml, s3Namespace, XmlMalformed } from './rest-xml.ts'
import { XmlReader } from './xml-reader.ts'

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
    '<!DOCTYPE A><A><B>x</B></A>',
    '<A><!DOCTYPE A><B>x</B></A>',
    '<A><B>x</B></A><!DOCTYPE A>',
    '<A><B>x</B><!-- a -- b --></A>',
    '<A><B>x</B><!-- a</A>',
    '<A><B>]]></B></A>',
    '<A><B><![CDATA[x</B></A>',
    '<A><B a="1" a="2"><C/></B></A>',
    '<A><B a=1/></A>',
    '<A><B a="<"/></A>',
    '<A><1/></A>',
    '<A><B/ ></A>',
    '<A><B></B/></A>',
    ' <?xml version="1.0"?><A/>',
    '<A><?xml version="1.0"?></A>',
    '<![CDATA[x]]><A/>',
    '<A><B>\ud800</B></A>',
    '<A><B>\uffff</B></A>',
    '<A x="\0"><B/></A>',
    '<A>x<B/></A>',
    '<A><B></A></B>',
    '{"A":1}',
    '<A'.repeat(1000),
    '<A>'.repeat(1000) + '</A>'.repeat(1000),
  ]
  for (const text of texts) await malformed(text)
})

test('What begins well and is cut short anywhere is refused', async () => {
  const text = '<?xml version="1.0"?><A x="1"><!--c--><B y="2">t&amp;<![CDATA[u]]></B><?pi p?></A>'
  expect(await parseXml(text, 'A')).toEqual({ '@x': '1', B: 't&u' })
  for (let end = 0; end < text.length; end++) await malformed(text.slice(0, end))
})

test('A byte order mark, comments, instructions and line ends of any kind change nothing', async () => {
  const text =
    '\ufeff<?xml version="1.0"?>\r\n<!--a--><?p q?><A>\r\n<B>1\r\n2\r3</B><!--x--><C><![CDATA[\r\n]]><!--y-->z</C></A>\r\n<!--b-->'
  expect(await parseXml(text, 'A')).toEqual({ B: '1\n2\n3', C: '\nz' })
})

test('An element named like a property of every object does no harm', async () => {
  const parsed = await parseXml('<A><toString>1</toString><__proto__><x>1</x></__proto__></A>', 'A')
  expect(Object.entries(parsed)).toEqual([
    ['toString', '1'],
    ['__proto__', Object.assign(Object.create(null), { x: '1' })],
  ])
  expect(Object.getPrototypeOf(parsed)).toBeNull()
})

test('Elements, depth, attributes and texts are limited while they are read', async () => {
  const wide = (count: number) => `<A>${'<B/>'.repeat(count)}</A>`
  expect(listOf((await parseXml(wide(9), 'A', 10)).B)).toHaveLength(9)
  await malformed(wide(20_000))
  await expect(parseXml(wide(10), 'A', 10)).rejects.toThrow('Too many elements')
  // It is the limit that ends it, not the end of the text: what comes behind is not well-formed.
  await expect(parseXml('<A><B/><B/><', 'A', 2)).rejects.toThrow('Too many elements')
  const deep = (depth: number) => '<A>'.repeat(depth) + '</A>'.repeat(depth)
  expect(await parseXml(deep(16), 'A')).toHaveProperty('A')
  await expect(parseXml('<A>'.repeat(17), 'A')).rejects.toThrow('too deep')
  const attributes = (count: number) => Array.from({ length: count }, (_, index) => ` a${index}="1"`).join('')
  expect(await parseXml(`<A${attributes(16)}><B/></A>`, 'A')).toMatchObject({ '@a15': '1', B: '' })
  await expect(parseXml(`<A${attributes(17)}><B/></A>`, 'A')).rejects.toThrow('Too many attributes')
  expect(await parseXml(`<A><B>${'x'.repeat(65_536)}</B></A>`, 'A')).toHaveProperty('B')
  await expect(parseXml(`<A><B>${'x'.repeat(65_537)}</B></A>`, 'A')).rejects.toThrow('A text too long')
})

/** What an XmlReader does in steps of a fixed size until the document ends, or is refused. */
function stepsOf(text: string): number {
  const reader = new XmlReader(text, 'A', Number.POSITIVE_INFINITY)
  let steps = 1
  while (!reader.read(1000)) steps++
  return steps
}

test.each<[name: string, make: (count: number) => string]>([
  ['elements', (count) => `<A>${'<B>x</B>'.repeat(count)}</A>`],
  ['empty elements', (count) => `<A>${'<B/>'.repeat(count)}</A>`],
  ['comments in a text', (count) => `<A><B>${'x<!---->'.repeat(count)}</B></A>`],
  ['comments between elements', (count) => `<A>${'<!----> '.repeat(count)}</A>`],
  ['references', (count) => `<A>${'<B>&amp;&#65;</B>'.repeat(count)}</A>`],
  ['spaces', (count) => `<A>${' '.repeat(count)}<B/>${' '.repeat(count)}</A>`],
])('Twice as many %s take twice as many steps, each of them short', (_, make) => {
  const [steps, twice] = [stepsOf(make(5000)), stepsOf(make(10_000))]
  expect(twice).toBeLessThanOrEqual(2 * steps)
})

test('Four times as many children of one name take about four times as long, not sixteen times', async () => {
  const timeOf = async (count: number) => {
    const begun = performance.now()
    await parseXml(`<A>${'<B>x</B>'.repeat(count)}</A>`, 'A', count + 1)
    return performance.now() - begun
  }
  const ratios: number[] = []
  // A machine that is busy with something else spoils one attempt, hardly all.
  while (ratios.length < 5 && !ratios.some((ratio) => ratio < 9))
    ratios.push((await timeOf(60_000)) / (await timeOf(15_000)))
  expect(Math.min(...ratios)).toBeLessThan(9)
})

test('A long document leaves the event loop to others while it is read', async () => {
  let turns = 0
  let isRead = false
  const others = (async () => {
    while (!isRead) {
      await nextTurn()
      turns++
    }
  })()
  await parseXml(`<A>${'<B><C>x</C></B>'.repeat(20_000)}</A>`, 'A', 50_000)
  isRead = true
  await others
  expect(turns).toBeGreaterThanOrEqual(10)
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
