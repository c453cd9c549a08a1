import { expect, test } from '@jest/globals'
import { parseXml, renderXml } from '../../protocol/rest-xml.ts'
import { s3Errors } from '../errors.ts'
import { boolean, enumeration, flattened, integer, list, required, string, structure, timestamp } from './xml-shapes.ts'

const Shape = structure({
  Name: required(string({ min: 1, max: 5 }), s3Errors.MissingRequestBodyError),
  Rules: flattened('Rule', structure({ Days: integer(), Date: timestamp(), On: boolean() })),
  Tags: list('Tag', string()),
  Status: enumeration(['Enabled', 'Disabled'], (text) => s3Errors.BadRequest(`not ${text}`)),
})

const root = (content: string) => `<Root>${content}</Root>`
const read = async (content: string) => Shape.read(await parseXml(root(content), 'Root'))

test('A document becomes a typed value, and the value the document again', async () => {
  const content =
    '<Name>a</Name><Rule><Days>-3</Days><Date>2026-01-02T00:00:00.000Z</Date><On>true</On></Rule><Rule></Rule>' +
    '<Tags><Tag>y</Tag><Tag>x</Tag></Tags><Status>Disabled</Status>'
  const value = await read(content)
  expect(value).toEqual({
    Name: 'a',
    Rules: [{ Days: -3, Date: Date.UTC(2026, 0, 2), On: true }, {}],
    Tags: ['y', 'x'],
    Status: 'Disabled',
  })
  const written = Shape.write(value)
  expect(renderXml('Root', Object(written)).split('\n')[1]).toBe(root(content))
})

test('Items keep their order, children come in the order of the declaration', async () => {
  const value = await read('<Status>Enabled</Status><Tags><Tag>b</Tag><Tag>a</Tag></Tags><Name>n</Name>')
  expect(Object.keys(value)).toEqual(['Name', 'Tags', 'Status'])
  expect(value.Tags).toEqual(['b', 'a'])
})

test('One item is a list, and an empty wrapper an empty one', async () => {
  expect((await read('<Name>n</Name><Tags><Tag>a</Tag></Tags>')).Tags).toEqual(['a'])
  expect((await read('<Name>n</Name><Tags/>')).Tags).toEqual([])
  expect((await read('<Name>n</Name>')).Tags).toBeUndefined()
})

test.each([
  ['an unknown child', '<Name>n</Name><Other/>'],
  ['a child twice', '<Name>n</Name><Name>n</Name>'],
  ['a text too short', '<Name></Name>'],
  ['a text too long', '<Name>123456</Name>'],
  ['children where a text is', '<Name><b/></Name>'],
  ['a text where children are', '<Name>n</Name><Rule>x</Rule>'],
  ['an unknown item', '<Name>n</Name><Tags><Other/></Tags>'],
  ['a wrapper twice', '<Name>n</Name><Tags/><Tags/>'],
  ['a fraction', '<Name>n</Name><Rule><Days>1.5</Days></Rule>'],
  ['a number too large', '<Name>n</Name><Rule><Days>2147483648</Days></Rule>'],
  ['no number', '<Name>n</Name><Rule><Days></Days></Rule>'],
  ['a date that is none', '<Name>n</Name><Rule><Date>2026-13-01T00:00:00Z</Date></Rule>'],
  ['a day that no calendar has', '<Name>n</Name><Rule><Date>2027-02-31T00:00:00Z</Date></Rule>'],
  ['29 February of a year without', '<Name>n</Name><Rule><Date>2027-02-29</Date></Rule>'],
  ['a time without a zone', '<Name>n</Name><Rule><Date>2026-01-01T00:00:00</Date></Rule>'],
  ['a flag in capitals', '<Name>n</Name><Rule><On>TRUE</On></Rule>'],
])('%s is malformed', async (_, content) => {
  await expect(read(content)).rejects.toMatchObject({ code: 'MalformedXML', status: 400 })
})

test('A shape has an error of its own where it was declared with one', async () => {
  await expect(read('')).rejects.toMatchObject({ code: 'MissingRequestBodyError' })
  await expect(read('<Name>n</Name><Status>on</Status>')).rejects.toMatchObject({ message: 'not on' })
})

test('Names of JavaScript are names like any other', async () => {
  await expect(read('<Name>n</Name><constructor/>')).rejects.toMatchObject({ code: 'MalformedXML' })
  await expect(read('<Name>n</Name><__proto__>x</__proto__>')).rejects.toMatchObject({ code: 'MalformedXML' })
})
