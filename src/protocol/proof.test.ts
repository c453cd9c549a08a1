import { expect, test } from '@jest/globals'
import { authenticate } from './authenticate.ts'
import { checkRegion } from './proof.ts'
import { emptySha256 } from './signature-v4.ts'
import { callOf, credentials, signer } from './signing.fixture.ts'

const now = Date.UTC(2026, 0, 1)
const options = { credentials, now, region: 'eu-central-1' }

async function authenticationFor(signingRegion: string) {
  const headers = { host: 'localhost', 'x-amz-content-sha256': emptySha256 }
  const request = { method: 'GET', protocol: 'http:', hostname: 'localhost', path: '/b', headers }
  const signed = await signer('s3').sign(request, { signingDate: new Date(now), signingRegion })
  const sent = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])
  return authenticate(callOf('GET', '/b', Object.fromEntries(sent)), options)
}

test('The Region of a scope is checked against a bucket’s with S3’s words', async () => {
  const authentication = await authenticationFor('us-east-1')
  expect(() => checkRegion(authentication, 'us-east-1')).not.toThrow()
  expect(() => checkRegion(authentication, 'eu-west-1')).toThrow(
    "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
  )
})

test('A scope of US is proven as it was signed, and is us-east-1', async () => {
  expect(await authenticationFor('US')).toMatchObject({ signature: 'SigV4', region: 'us-east-1' })
})
