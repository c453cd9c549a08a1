import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { region } from '../emulator.ts'
import { awsEnvironment, startWorkplace } from './programs.ts'

/** Version 2 of AWS's SDK for JavaScript, where it is installed: aws_sdk_2.mjs does the work in one run and tells what came of it. */

const script = fileURLToPath(new URL('aws_sdk_2.mjs', import.meta.url))
const isInstalled = () => {
  try {
    return createRequire(script).resolve('aws-sdk') !== ''
  } catch {
    return false
  }
}
const describeSdk = isInstalled() ? describe : describe.skip
if (describeSdk === describe.skip) console.warn('skipped: no aws-sdk of npm beside it')

describeSdk('aws-sdk of version 2', () => {
  let told: Record<string, unknown> = {}

  beforeAll(async () => {
    // It sends customers' keys over TLS alone.
    const place = await startWorkplace({ tls: true })
    const NODE_EXTRA_CA_CERTS = awsEnvironment(place.journey, place.folder).AWS_CA_BUNDLE
    const environment = { AWS_REGION: region, NODE_EXTRA_CA_CERTS, AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' }
    try {
      told = JSON.parse(await place.output(process.execPath, [script], environment))
    } finally {
      await place.stop()
    }
  })

  test('a stream goes up in parts under a KMS key with tags, and comes back', () => {
    expect(told.upload).toEqual({ etag: expect.stringMatching(/-3"$/), key: told.key, tags: 1, same: true })
  })

  test('objects are put, described, read in part, copied, listed and waited for', () => {
    expect(told).toMatchObject({ head: { of: 'v2' }, ranged: 'ell', listed: ['a b+ü', 'copy', 'large'], waited: 5 })
    expect(told.customer).toBe('mine')
  })

  test('presigned URLs by both signatures, and a form', () => {
    expect([told.presigned, told.presignedV4, told.posted]).toEqual([[200, 'plain'], [200, 'hello'], 204])
  })

  test('what is refused has AWS’s codes', () => {
    expect(told).toMatchObject({
      missing: ['NoSuchKey', 404],
      notThere: ['NotFound', 404],
      elsewhere: ['NoSuchBucket', 404],
      disabled: ['KMS.DisabledException', 400],
    })
  })

  test('a marker is taken away, and every version deleted', () => {
    expect([told.undeleted, told.deleted]).toEqual(['plain', 6])
  })
})
