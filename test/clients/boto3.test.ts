import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { EmulatorOptions } from '../../src/options.ts'
import { type Journey, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/** boto3, where Python has it: boto3_round_trip.py does the work in one run and tells what came of it. */

const python = findProgram('python3')
const hasBoto3 = python !== undefined && (await run(python, ['-c', 'import boto3'])).code === 0
if (!hasBoto3) console.warn('skipped: no python3 with boto3 on the PATH')

const script = fileURLToPath(new URL('boto3_round_trip.py', import.meta.url))
const describeBoto3 = hasBoto3 ? describe : describe.skip

describeBoto3.each<[string, Partial<EmulatorOptions>]>([
  ['plain HTTP', {}],
  ['TLS, which SSE-C is made to require', { tls: true, requireTlsForSseC: true }],
])('boto3 over %s', (_, options) => {
  let told: Record<string, Record<string, unknown>> = {}
  let journey: Journey

  beforeAll(async () => {
    journey = await startJourney(options)
    const folder = await mkdtemp(join(tmpdir(), 's3kms-boto3-'))
    const { code, stdout, stderr } = await run(python ?? '', [script], { env: awsEnvironment(journey, folder) })
    await rm(folder, { recursive: true })
    if (code !== 0) throw new Error(stderr)
    told = JSON.parse(stdout)
  })

  afterAll(() => journey?.stop())

  const keyArn = () => told.keyArn

  test('SSE-KMS in one piece, in parts, copied, and copied in parts', () => {
    expect(told['SSE-KMS whole']).toEqual({ same: true, put: keyArn(), head: keyArn(), length: 100_000 })
    expect(told['SSE-KMS parts']).toEqual({ same: true, parts: '3' })
    expect(told['SSE-KMS copy']).toEqual({ same: true })
    expect(told['SSE-KMS copy in parts']).toEqual({ same: true })
  })

  test('SSE-C in one piece, in parts, copied, and copied in parts', () => {
    expect(told['SSE-C whole']).toEqual({ same: true, put: 'AES256', head: 'AES256', length: 100_000 })
    expect(told['SSE-C parts']).toEqual({ same: true, parts: '3' })
    expect(told['SSE-C copy']).toEqual({ same: true })
    expect(told['SSE-C copy in parts']).toEqual({ same: true })
  })

  test('SSE-C without the key, or with another', () => {
    expect(told['SSE-C without the key']).toMatchObject({ code: 'InvalidRequest', status: 400 })
    expect(told['SSE-C with another key']).toMatchObject({ code: 'AccessDenied', status: 403 })
    expect(told['SSE-C wrong key on HEAD']).toEqual({ code: '403', message: 'Forbidden', status: 403 })
  })

  test('a URL presigned by default is SigV2: it works, but not for an object under SSE-KMS', () => {
    expect(told['presigned by default']).toMatchObject({ version: 2, plain: { status: 200, text: 'plain' } })
    const document =
      '<Code>InvalidArgument</Code><Message>Requests specifying Server Side Encryption with AWS KMS managed keys ' +
      'require AWS Signature Version 4.</Message><ArgumentName>Authorization</ArgumentName><ArgumentValue>null</ArgumentValue>'
    expect(told['presigned by default']?.sealed).toEqual({ status: 400, text: expect.stringContaining(document) })
  })

  test('a URL presigned with SigV4 works for SSE-KMS', () => {
    expect(told['presigned SigV4']).toEqual({ put: 200, get: { status: 200, text: 'presigned' } })
  })

  test('forms: by default SigV2, which SSE-KMS refuses; with SigV4 it works', () => {
    expect(told.forms).toEqual({ version: 2, statuses: [204, 400, 204], text: 'posted' })
  })

  test('a disabled key, the default of a bucket, and another key for an object where it stands', () => {
    const disabled = { code: 'KMS.DisabledException', message: `${keyArn()} is disabled.`, status: 400 }
    expect(told['disabled key']).toEqual(disabled)
    expect(told['bucket default']).toEqual({ key: keyArn(), bucketKey: true })
    expect(told['update encryption']).toEqual({ key: keyArn(), text: 'stays' })
  })

  test('KMS, CloudTrail and STS', () => {
    expect(told.kms).toMatchObject({
      opened: 'secret',
      wrong: { code: 'InvalidCiphertextException', status: 400 },
    })
    expect(told.trail).toEqual(['CreateBucket', 'CreateKey', 'Decrypt', 'Encrypt', 'GenerateDataKey'])
    expect(told.identity).toBe('arn:aws:iam::000000000000:user/test')
  })
})
