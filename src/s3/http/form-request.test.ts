import { expect, test } from '@jest/globals'
import { callInProcess } from '../../protocol/http.ts'
import { withFormRequest } from './form-request.ts'

const mebibyte = 1 << 20
const options = { credentials: { find: () => undefined }, region: 'us-east-1', now: 0 }
const mostRead = 66 * mebibyte

/** A form whose file does not end. */
function endless(...fields: [name: string, value: string][]) {
  const form = { pulled: 0 }
  async function* body() {
    const parts = fields.map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    yield Buffer.from(`${parts.join('')}--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n`)
    const chunk = Buffer.alloc(mebibyte, 'f')
    for (; ; form.pulled += mebibyte) yield chunk
  }
  const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': String(2 ** 40) }
  const call = callInProcess({ target: '/bucket', headers, body: body() })
  return { form, request: { bucketName: 'bucket', call } }
}

test('Of a file that nobody wants no more is read than a moment’s worth before the answer', async () => {
  const { form, request } = endless(['key', 'a'])
  const refused = withFormRequest(request, options, async () => {
    throw new Error('refused')
  })
  await expect(refused).rejects.toThrow('refused')
  expect(form.pulled).toBeGreaterThan(60 * mebibyte)
  expect(form.pulled).toBeLessThan(mostRead)
})

test('A form that is refused for its fields is read no further', async () => {
  const { form, request } = endless(['key', ''])
  const refused = withFormRequest(request, options, async () => undefined)
  await expect(refused).rejects.toThrow('User key must have a length greater than 0.')
  expect(form.pulled).toBeLessThan(mostRead)
})
