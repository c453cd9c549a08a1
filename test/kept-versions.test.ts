import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/*
 * A data folder that is kept (scripts/make-kept-versions.mjs made it), with a bucket that has versions: they must open under the ids
 * that they were sealed to, in the order in which they were written.
 */

interface KeptVersion {
  versionId: string
  /** Undefined of a delete marker. */
  text?: string
}

let kept: { bucket: string; versions: Record<string, KeptVersion[]> }
let folder: string
let journey: Journey

beforeAll(async () => {
  kept = JSON.parse(await readFile('fixtures/kept-versions.json', 'utf8'))
  folder = await mkdtemp(join(tmpdir(), 'kept-versions-'))
  await cp('fixtures/kept-versions', folder, { recursive: true })
  journey = await startJourney({ ephemeral: false, dataDir: folder })
})
afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true })
})

/** The text of a version, or the code of its refusal. */
async function contentOf(Key: string, VersionId: string): Promise<string | undefined> {
  try {
    const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket: kept.bucket, Key, VersionId }))
    return await Body?.transformToString()
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

test('every kept version is read under its id, and every delete marker is one', async () => {
  expect(Object.keys(kept.versions)).toEqual(['old', 'deleted', 'in parts', 'suspended'])
  for (const [Key, versions] of Object.entries(kept.versions)) {
    for (const { versionId: VersionId, text } of versions) {
      expect([Key, await contentOf(Key, VersionId)]).toEqual([Key, text ?? 'MethodNotAllowed'])
    }
  }
})

test('kept versions are listed in the order in which they were written', async () => {
  for (const [Prefix, versions] of Object.entries(kept.versions)) {
    const listed = await journey.s3.send(new ListObjectVersionsCommand({ Bucket: kept.bucket, Prefix }))
    const idsOf = (some: { VersionId?: string }[] = []) => some.map(({ VersionId }) => VersionId)
    const isMarker = ({ text }: KeptVersion) => text === undefined
    const wanted = (some: KeptVersion[]) => some.map(({ versionId }) => versionId)
    expect(idsOf(listed.Versions)).toEqual(wanted(versions.filter((version) => !isMarker(version))))
    expect(idsOf(listed.DeleteMarkers)).toEqual(wanted(versions.filter(isMarker)))
  }
})
