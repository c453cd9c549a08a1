import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { pageWithToken } from './page.ts'

const html = '<meta name="s3kms-token" content=""><style>a{}</style><script>run()</script>'
const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test('The token is in the page of this machine alone', () => {
  const { withToken, withoutToken } = pageWithToken(html, 'secret')
  expect(gunzipSync(withToken).toString()).toContain('<meta name="s3kms-token" content="secret">')
  expect(gunzipSync(withoutToken).toString()).toBe(html)
})

test('No script runs but the page’s own, and nothing is loaded from outside', () => {
  const { policy } = pageWithToken(html, 'secret')
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${sha256('run()')}`,
    `style-src ${sha256('a{}')}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    'frame-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
})
