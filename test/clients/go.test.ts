import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { region } from '../emulator.ts'
import { findProgram, startWorkplace } from './programs.ts'

/** AWS's SDK for Go as Debian has it: go_round_trip.go does the work in one run and tells what came of it. */

const go = findProgram('go')
const packages = '/usr/share/gocode'
const hasSdk = go !== undefined && existsSync(join(packages, 'src/github.com/aws/aws-sdk-go-v2/service/s3'))
if (!hasSdk) console.warn('skipped: no go with Debian’s packages of AWS’s SDK')
const program = fileURLToPath(new URL('go_round_trip.go', import.meta.url))

const describeSdk = hasSdk ? describe : describe.skip
describeSdk('AWS’s SDK for Go', () => {
  let told: Record<string, unknown> = {}

  beforeAll(async () => {
    const place = await startWorkplace()
    // What was compiled once is kept for the next run.
    const GOCACHE = join(tmpdir(), 's3kms-go-cache')
    const environment = { AWS_REGION: region, GO111MODULE: 'off', GOPATH: packages, GOCACHE }
    try {
      told = JSON.parse(await place.output(go ?? '', ['run', program], environment))
    } finally {
      await place.stop()
    }
  })

  test('objects go up whole and in parts with trailing checksums, and come back', () => {
    expect(told.put).toEqual(['hello', told.key, 1])
    expect(told.large).toEqual([expect.stringMatching(/-3"$/), expect.stringMatching(/-3$/), true])
    expect(told.names).toEqual(['a b+ü', 'large'])
    expect(told.presigned).toBe('hello')
  })

  test('what is refused has AWS’s words', () => {
    // This SDK leaves out the messages of errors that it has a type for.
    expect(told.missing).toEqual(['NoSuchKey', expect.any(String)])
    expect(told.head).toEqual(['NotFound', expect.any(String)])
    expect(told.notEmpty).toEqual(['BucketNotEmpty', 'The bucket you tried to delete is not empty'])
    expect(told.disabled).toEqual(['KMS.DisabledException', `${told.key} is disabled.`])
    expect(told.disabledKey).toEqual(['DisabledException', `${told.key} is disabled.`])
    expect(told.deleted).toBe(2)
  })
})
