import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { run } from '../src/cli/program.ts'
import type { TrailRecord } from '../src/trail/event.ts'
import { accountId, type Journey, startJourney } from './emulator.ts'

let journey: Journey
let folder: string
beforeAll(async () => {
  journey = await startJourney({ trailDataEvents: true })
  folder = await mkdtemp(join(tmpdir(), 's3kms-export-'))
  await journey.createBucket('uploads')
  await journey.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a', Body: 'x' }))
  await journey.kms.send(new ListKeysCommand({}))
  await new KMSClient({ ...journey.configuration, region: 'eu-west-1' }).send(new ListKeysCommand({}))
})
afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true })
})

async function filesIn(place: string): Promise<Record<string, TrailRecord[]>> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = files.map(async (path) => {
    const { Records } = JSON.parse(gunzipSync(await readFile(path)).toString())
    return [path.slice(place.length + 1), Records] as const
  })
  return Object.fromEntries(await Promise.all(contents))
}

test('The trail is written as log files in CloudTrail’s layout, those of each Region apart, data events too', async () => {
  const place = join(folder, 'library')
  const { files, records } = await journey.emulator.exportTrail(place)
  const written = await filesIn(place)
  expect(Object.keys(written).sort()).toEqual(files.toSorted())
  expect(Object.values(written).flat()).toHaveLength(records)
  for (const [path, own] of Object.entries(written)) {
    const [, account, , region] = path.split('/')
    expect(path).toMatch(
      /^AWSLogs\/(\d{12})\/CloudTrail\/([\w-]+)\/\d{4}\/\d\d\/\d\d\/\1_CloudTrail_\2_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz$/,
    )
    expect(account).toBe(accountId)
    expect(own.every(({ awsRegion }) => awsRegion === region)).toBe(true)
  }
  const names = Object.values(written)
    .flat()
    .map(({ awsRegion, eventName }) => `${awsRegion} ${eventName}`)
  expect(names.sort()).toEqual([
    'eu-west-1 ListKeys',
    'us-east-1 CreateBucket',
    'us-east-1 ListKeys',
    'us-east-1 PutObject',
  ])
})

test('The command writes the same files, and again the same', async () => {
  const place = join(folder, 'command')
  const words = ['node', 's3kms-emu', 'trail', 'export', '--dir', place, '--endpoint', journey.endpoint]
  expect(await run(words, {})).toBe(0)
  const first = await filesIn(place)
  expect(await run(words, {})).toBe(0)
  expect(await filesIn(place)).toEqual(first)
  expect(first).toEqual(await filesIn(join(folder, 'library')))
  await journey.kms.send(new ListKeysCommand({}))
  expect(await run(words, {})).toBe(0)
  const events = Object.values(await filesIn(place)).flatMap((records) => records.map(({ eventID }) => eventID))
  expect(events).toHaveLength(5)
  expect(new Set(events).size).toBe(5)
})

test('Without a folder it is asked wrongly', async () => {
  expect(await run(['node', 's3kms-emu', 'trail', 'export', '--endpoint', journey.endpoint], {})).toBe(2)
})
