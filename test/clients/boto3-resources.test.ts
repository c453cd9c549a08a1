import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { findProgram, run, startWorkplace } from './programs.ts'

/** boto3's resources, where Python has it: boto3_resources.py does the work in one run and tells what came of it. */

const python = findProgram('python3')
const hasBoto3 = python !== undefined && (await run(python, ['-c', 'import boto3'])).code === 0
if (!hasBoto3) console.warn('skipped: no python3 with boto3 on the PATH')
const script = fileURLToPath(new URL('boto3_resources.py', import.meta.url))

const describeBoto3 = hasBoto3 ? describe : describe.skip
describeBoto3('resources of boto3', () => {
  let told: Record<string, unknown> = {}

  beforeAll(async () => {
    const place = await startWorkplace({ bucketDefaults: 'current' })
    try {
      told = JSON.parse(await place.output(python ?? '', [script]))
    } finally {
      await place.stop()
    }
  })

  test('a bucket keeps what is set on it', () => {
    expect(told).toMatchObject({ versioning: 'Enabled', lifecycle: true, cors: true })
    expect(told['bucket tags']).toEqual([{ Key: 'team', Value: 'blue' }])
  })

  test('an object in parts has its key, checksum, tags and the day that its tags let it expire', () => {
    expect(told.large).toEqual([true, '-3"', told.key, 'expiry-date=', { of: 'boto3' }])
    expect(told.attributes).toEqual([3, true])
    expect(told.tags).toEqual({ kind: 'log', level: 'debug' })
    expect(told['no more expiring']).toBeNull()
  })

  test('versions are listed newest first, brought back, hidden, and guarded by their entity tags', () => {
    expect(told.versions).toEqual(['three', 'two', 'one'])
    expect(told['brought back']).toBe('one')
    expect(told.hidden).toEqual(['404', 'Not Found'])
    expect(told.history).toEqual([
      [1, 1],
      [2, 0],
      [1, 0],
    ])
    expect(told.prefixes).toEqual(['logs/'])
    const failed = ['PreconditionFailed', 'At least one of the pre-conditions you specified did not hold']
    expect([told['etag guards'], told['only once']]).toEqual([failed, failed])
  })

  test('a lock and a hold keep a version', () => {
    expect(told.locked).toEqual(['AccessDenied', 'Access Denied because object protected by object lock.'])
    expect([told.held, told['held by all'], told.bypassed]).toEqual(['ON', 'AccessDenied', null])
  })

  test('forms name their fields, and at the end nothing is left', () => {
    expect(told.form).toEqual(['AWSAccessKeyId', 'key', 'policy', 'signature'])
    expect(told.buckets).toEqual([])
  })
})
