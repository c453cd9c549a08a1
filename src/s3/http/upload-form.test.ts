import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { AwsError } from '../../aws/errors.ts'
import { openUploadForm } from './upload-form.ts'

const contentType = 'multipart/form-data; boundary=xyz'

const part = (disposition: string, content: string, ...headers: string[]) =>
  [`--xyz`, `Content-Disposition: form-data; ${disposition}`, ...headers, '', content, ''].join('\r\n')
const form = (...parts: string[]) => Buffer.from(`${parts.join('')}--xyz--\r\n`)

async function* cut(bytes: Uint8Array, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size)
}

async function open(bytes: Uint8Array, size = bytes.length, type = contentType) {
  const { fields, file } = await openUploadForm(type, cut(bytes, size))
  const chunks: Uint8Array[] = []
  for await (const chunk of file.bytes) chunks.push(chunk)
  return { fields: { ...fields }, name: file.name, content: Buffer.concat(chunks) }
}

async function refusalOf(opened: Promise<unknown>): Promise<string> {
  try {
    await opened
  } catch (error) {
    if (error instanceof AwsError) return error.code
    throw error
  }
  return 'none'
}

test('Fields come before the file, whatever the case of their names; what stands behind it is ignored', async () => {
  const bytes = form(
    part('name="Key"', 'a/b'),
    part('name="X-Amz-Meta-Ä"; filename="field.txt"', 'värde', 'Content-Type: text/plain'),
    part('name="File"; filename="C:\\folder\\ünder.bin"', 'body', 'Content-Type: application/octet-stream'),
    part('name="late"', 'too late'),
    part('name="file"; filename="second"', 'second'),
  )
  expect(await open(bytes)).toEqual({
    fields: { key: 'a/b', 'x-amz-meta-ä': 'värde' },
    name: 'ünder.bin',
    content: Buffer.from('body'),
  })
})

test('A file of any bytes comes through, however the form is cut into chunks', async () => {
  const run = fc.asyncProperty(
    fc.uint8Array({ maxLength: 3000 }),
    fc.integer({ min: 1, max: 700 }),
    async (body, size) => {
      const [head, tail] = [Buffer.from(part('name="file"', '').slice(0, -2)), Buffer.from('\r\n--xyz--\r\n')]
      fc.pre(!Buffer.from(body).includes('\r\n--xyz'))
      expect((await open(Buffer.concat([head, body, tail]), size)).content).toEqual(Buffer.from(body))
    },
  )
  await fc.assert(run, { numRuns: 60 })
})

test('Nothing of the body is taken before somebody asks for it', async () => {
  const head = Buffer.from(part('name="file"', '').slice(0, -2))
  let taken = 0
  async function* endless() {
    yield head
    for (;;) {
      taken++
      yield Buffer.alloc(1000)
    }
  }
  const { file } = await openUploadForm(contentType, endless())
  expect(taken).toBeLessThan(2)
  let read = 0
  for await (const chunk of file.bytes) {
    read += chunk.length
    if (read > 5000) break
  }
  expect(taken).toBeLessThan(9)
})

test('A form without a file, or one that breaks off, is refused', async () => {
  expect(await refusalOf(open(form(part('name="key"', 'k'))))).toBe('InvalidArgument')
  expect(await refusalOf(open(Buffer.alloc(0)))).toBe('MalformedPOSTRequest')
  expect(await refusalOf(open(form(part('name="file"', 'body')).subarray(0, -12)))).toBe('MalformedPOSTRequest')
  expect(await refusalOf(open(Buffer.from('no form at all')))).toBe('MalformedPOSTRequest')
  expect(await refusalOf(open(form(), 10, 'multipart/form-data'))).toBe('MalformedPOSTRequest')
})

test('Fields of more than 20 KB are refused, in one field or in many, ended or not', async () => {
  const file = part('name="file"', 'body')
  const tooLarge = form(part('name="a"', 'x'.repeat(20_480)), file)
  for (const size of [100, 30_000]) expect(await refusalOf(open(tooLarge, size))).toBe('MaxPostPreDataLengthExceeded')
  const tooMany = form(...Array.from({ length: 30 }, (_, index) => part(`name="n${index}"`, 'x'.repeat(700))), file)
  for (const size of [100, 30_000]) expect(await refusalOf(open(tooMany, size))).toBe('MaxPostPreDataLengthExceeded')
})
