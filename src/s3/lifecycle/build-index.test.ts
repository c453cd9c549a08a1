import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Pace } from '../../store/pace.ts'
import { deleteIndexState, indexedUploads, indexedVersions, indexState } from '../records/lifecycle-index.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import { buildIndex } from './build-index.ts'

const objects = 300
const day = 86_400_000
let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  for (let number = 0; number < objects; number++) await s3.call('PUT', `/bucket/${number}`, { body: 'x' })
})
afterEach(() => s3.close())

async function configure(): Promise<void> {
  const body =
    '<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>'
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  expect(await s3.call('PUT', '/bucket?lifecycle', { body, headers })).toMatchObject({ status: 200 })
}

async function indexedKeys(): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of s3.database.entries(indexedVersions)) keys.push(key[2])
  return keys
}

/** A pace that ends when a step has been done. */
function paceOfOneStep(): Pace {
  const pace: Pace = new Pace(() => {
    if (begun++ > 0) pace.end()
    return 0
  })
  let begun = 0
  return pace
}

test('A build that is broken off goes on where it was, with what was written and removed meanwhile', async () => {
  await configure()
  const passes = 8
  for (let step = 0; step < passes; step++) {
    expect(await buildIndex(s3.database, 'bucket', paceOfOneStep())).toBe(step === passes - 1)
    if (step === passes - 1) break
    await s3.call('DELETE', `/bucket/${step}`)
    await s3.call('DELETE', `/bucket/${objects - 1 - step}`)
    await s3.call('PUT', `/bucket/${step}-new`, { body: 'x' })
  }
  const { text } = await s3.call('GET', '/bucket?list-type=2')
  const listed = [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)
  expect(listed).toHaveLength(objects - passes + 1)
  expect((await indexedKeys()).sort()).toEqual(listed.sort())
  expect(indexState(s3.database, 'bucket')).toEqual({ puts: 1 })
})

test('An index that nobody kept for a while is brought up to date: what it has too much, and what it lacks', async () => {
  await s3.call('POST', '/bucket/upload?uploads')
  await configure()
  await s3.settle()
  await s3.call('DELETE', '/bucket?lifecycle')
  await s3.call('DELETE', '/bucket/7')
  s3.ambient.turn(2 * day)
  await s3.call('PUT', '/bucket/8', { body: 'xx' })
  const { text } = await s3.call('GET', '/bucket?uploads')
  await s3.call('DELETE', `/bucket/upload?uploadId=${/<UploadId>(.*?)</.exec(text)?.[1]}`)
  await s3.call('POST', '/bucket/other?uploads')
  await configure()
  await buildIndex(s3.database, 'bucket', new Pace(() => 0))
  expect(await indexedKeys()).toHaveLength(objects - 1)
  const uploads: string[] = []
  for await (const { key } of s3.database.entries(indexedUploads)) uploads.push(key[2])
  expect(uploads).toEqual(['other'])
  await s3.settle()
  expect(await indexedKeys()).toEqual(['8'])
})

test('A bucket that had a lifecycle before there were indexes gets one', async () => {
  await configure()
  await s3.database.transact(async (transaction) => {
    for await (const { key } of s3.database.entries(indexedVersions)) transaction.delete(indexedVersions, key)
    deleteIndexState(transaction, 'bucket')
  })
  s3.ambient.turn(2 * day)
  await s3.call('PUT', '/bucket/new', { body: 'x' })
  await s3.settle()
  expect(await indexedKeys()).toEqual(['new'])
  const { text } = await s3.call('GET', '/bucket?list-type=2')
  expect(text.match(/<Key>/g)).toHaveLength(1)
})
