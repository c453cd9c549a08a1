import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { findProgram, run, startWorkplace } from './programs.ts'

/** AWS's SDK for Ruby, where it is installed: ruby_round_trip.rb does the work in one run and tells what came of it. */

const ruby = findProgram('ruby')
const hasSdk = ruby !== undefined && (await run(ruby, ['-e', "require 'aws-sdk-s3'; require 'aws-sdk-kms'"])).code === 0
if (!hasSdk) console.warn('skipped: no ruby with AWS’s SDK on the PATH')
const script = fileURLToPath(new URL('ruby_round_trip.rb', import.meta.url))

const describeSdk = hasSdk ? describe : describe.skip
describeSdk('AWS’s SDK for Ruby', () => {
  let told: Record<string, unknown> = {}

  beforeAll(async () => {
    const place = await startWorkplace()
    try {
      told = JSON.parse(await place.output(ruby ?? '', [script]))
    } finally {
      await place.stop()
    }
  })

  test('objects go up whole, in parts and as streams, and come back', () => {
    expect(told.put).toEqual(['hello', told.key])
    expect(told.large).toEqual([expect.stringMatching(/-3"$/), true])
    expect(told.streamed).toBe(11 << 20)
    expect(told.keys).toEqual(['a b+ü', 'copied', 'large', 'streamed'])
    expect(told.prefixed).toEqual(['streamed'])
  })

  test('presigned URLs and forms', () => {
    expect([told.presigned, told.posted]).toEqual(['hello', '204'])
  })

  test('what is refused has AWS’s words', () => {
    expect(told.missing).toEqual(['NoSuchKey', 'The specified key does not exist.'])
    expect(told.exists).toEqual([false, true])
    expect(told.not_empty).toEqual(['BucketNotEmpty', 'The bucket you tried to delete is not empty'])
    expect(told.disabled).toEqual(['KMSDisabledException', `${told.key} is disabled.`])
  })

  test('versions, a lifecycle, and the end of all of it', () => {
    expect(told.versions).toEqual([false, true])
    expect(told.rules).toEqual([['old', 'tmp/', 3]])
    expect(told.gone).toBe(false)
  })
})
