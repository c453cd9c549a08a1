import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/** boto3's s3control, where Python has it: boto3_s3_control.py does the work in one run and tells what came of it. */

const python = findProgram('python3')
const hasBoto3 = python !== undefined && (await run(python, ['-c', 'import boto3'])).code === 0
if (!hasBoto3) console.warn('skipped: no python3 with boto3 on the PATH')

const script = fileURLToPath(new URL('boto3_s3_control.py', import.meta.url))
const describeBoto3 = hasBoto3 ? describe : describe.skip

describeBoto3('S3 Control by boto3', () => {
  let told: Record<string, unknown> = {}
  let journey: Journey

  beforeAll(async () => {
    journey = await startJourney()
    const folder = await mkdtemp(join(tmpdir(), 's3kms-boto3-'))
    const env = { ...awsEnvironment(journey, folder), HTTP_PROXY: journey.endpoint }
    const { code, stdout, stderr } = await run(python ?? '', [script], { env })
    await rm(folder, { recursive: true })
    if (code !== 0) throw new Error(stderr)
    told = JSON.parse(stdout)
  })

  afterAll(() => journey?.stop())

  test('tags of a bucket: given at its making, merged, taken away; ?tagging shows the same', () => {
    expect(told['made with tags']).toEqual({ made: 'with it' })
    expect(told.merged).toEqual({ made: 'anew', 'é b': '' })
    expect(told.untagged).toEqual({ made: 'anew' })
    expect(told['bucket tagging']).toEqual([{ Key: 'made', Value: 'anew' }])
    expect(told['no bucket']).toEqual(['NoSuchResource', 404])
    expect(told.reserved).toEqual(['InvalidTag', 400])
  })

  test('what an account blocks', () => {
    const none = ['NoSuchPublicAccessBlockConfiguration', 404]
    expect([told['no block'], told['block again']]).toEqual([none, none])
    const others = { BlockPublicPolicy: false, RestrictPublicBuckets: false }
    expect(told.block).toEqual({ BlockPublicAcls: true, IgnorePublicAcls: true, ...others })
    expect(told['public ACL']).toEqual(['AccessDenied', 403])
  })

  test('what is not here is refused by its name', () => {
    expect(told.absent).toEqual(['NotImplemented', 501])
  })
})
