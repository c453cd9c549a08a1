import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { nextTurn } from '../src/event-loop.ts'
import type { Verification } from '../src/lab/verify/report.ts'
import { makeDataFolder } from './data-folder.ts'
import { type Journey, startJourney } from './emulator.ts'

/* Verify beside all that goes on: what is written, erased, swept and put back meanwhile is no fault. */

const rounds = 2
const large = 'l'.repeat(400_000)

/** What clients do at once, to a few keys that are in each other's way. Refusals are right: an upload may be gone by then. */
async function bustle({ s3, kms }: Journey, Bucket: string, KeyId: string, round: number): Promise<void> {
  const sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId } as const
  const attempts = Array.from({ length: 12 }, async (_, number) => {
    const place = { Bucket, Key: `key-${number % 3}` }
    await s3.send(new PutObjectCommand({ ...place, Body: `${round} ${number}` }))
    await s3.send(new PutObjectCommand({ ...place, Body: large, ...sealed }))
    await s3.send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet: [{ Key: 'a', Value: `${number}` }] } }))
    await s3.send(new CopyObjectCommand({ ...place, Key: 'copy', CopySource: `${Bucket}/${place.Key}` }))
    await s3.send(new DeleteObjectCommand(place))
    await uploadAndEnd(s3, { Bucket, Key: `parts-${number % 2}` }, number % 3 === 0)
    const alias = { AliasName: `alias/${round}-${number}` }
    await kms.send(new CreateAliasCommand({ ...alias, TargetKeyId: KeyId }))
    const GranteePrincipal = 'arn:aws:iam::000000000000:user/grantee'
    const { GrantId } = await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'] }))
    if (number % 2 === 0) await kms.send(new RevokeGrantCommand({ KeyId, GrantId }))
    if (number % 2 === 0) await kms.send(new DeleteAliasCommand(alias))
    const made = await kms.send(new CreateKeyCommand({ MultiRegion: number % 2 === 0 }))
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: made.KeyMetadata?.KeyId, PendingWindowInDays: 7 }))
  })
  for (const { reason } of (await Promise.allSettled(attempts)).filter((one) => one.status === 'rejected')) {
    expect(reason.$metadata?.httpStatusCode ?? 503).toBeLessThan(600)
  }
}

async function uploadAndEnd(s3: Journey['s3'], place: { Bucket: string; Key: string }, isAborted: boolean) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place))
  const upload = { ...place, UploadId }
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: large }))
  if (isAborted) return s3.send(new AbortMultipartUploadCommand(upload))
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
  return s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }))
}

/** Verifies again and again until the work is done. */
async function verifyDuring(journey: Journey, work: Promise<unknown>): Promise<(Verification | string)[]> {
  const found: (Verification | string)[] = []
  let isDone = false
  const ended = work.finally(() => {
    isDone = true
  })
  do {
    found.push(await journey.emulator.verify().catch((error: Error) => error.message))
    // While another state is loaded it is refused at once.
    await nextTurn()
  } while (!isDone)
  await ended
  return found
}

function expectSound(found: readonly (Verification | string)[]): void {
  for (const one of found) {
    if (typeof one === 'string') expect(one).toMatch(/was reset, stopped, or put into another state/)
    else expect([one.faults, one.unreachable.bodies]).toEqual([[], 0])
  }
}

const aging = {
  Rules: [
    {
      ...{ ID: 'age', Status: 'Enabled' as const, Filter: { Prefix: '' } },
      ...{ Expiration: { Days: 1 }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    },
  ],
}

test.each(['memory', 'a data folder'])('Nothing that goes on meanwhile is a fault (%s)', async (backend) => {
  const folder = await makeDataFolder()
  const options = backend === 'memory' ? {} : { ephemeral: false, dataDir: folder.path }
  const journey = await startJourney({ ...options, logLevel: 'silent' })
  const { s3 } = journey
  const Bucket = await journey.createBucket('busy')
  const KeyId = await journey.createKey()
  await journey.emulator.snapshots.save('before')
  for (let round = 0; round < rounds; round++) {
    const VersioningConfiguration = { Status: round % 2 === 0 ? ('Enabled' as const) : ('Suspended' as const) }
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: aging }))
    const work = async () => {
      await bustle(journey, Bucket, KeyId, round)
      journey.turn(3 * 86_400_000)
      await journey.settle()
    }
    expectSound(await verifyDuring(journey, work()))
  }
  const swap = async () => {
    await journey.emulator.snapshots.save('after')
    for (const name of ['before', 'after', 'before', 'after']) await journey.emulator.snapshots.load(name)
    await journey.emulator.reset()
    await journey.emulator.snapshots.load('after')
    await bustle(journey, Bucket, KeyId, rounds)
  }
  expectSound(await verifyDuring(journey, swap()))
  await journey.stop()
  await folder.remove()
})
