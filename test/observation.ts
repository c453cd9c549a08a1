import {
  DescribeKeyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms'
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

/** What clients see of an emulator's objects and keys, or why they do not: one text, the same for the same state. */
export async function observe({ s3, kms }: { s3: S3Client; kms: KMSClient }): Promise<string> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  const buckets = []
  for (const { Name = '' } of Buckets) buckets.push(await bucketSeen(s3, Name))
  const { Keys = [] } = await kms.send(new ListKeysCommand({}))
  const keys = []
  for (const { KeyId = '' } of Keys) keys.push(await keySeen(kms, KeyId))
  const { Aliases } = await kms.send(new ListAliasesCommand({}))
  return JSON.stringify({ Buckets, buckets, keys, Aliases }, undefined, 1)
}

async function bucketSeen(s3: S3Client, Bucket: string): Promise<object> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }))
  const versions = []
  for (const { Key, VersionId, LastModified } of Versions) {
    const place = { Bucket, Key, VersionId }
    versions.push({
      ...{ Key, VersionId, LastModified },
      content: await said(() => contentOf(s3, place)),
      tags: await said(async () => (await s3.send(new GetObjectTaggingCommand(place))).TagSet),
    })
  }
  // Their ids are made by chance, and a chore that makes them makes others in another emulator.
  const markers = DeleteMarkers.map(({ Key, IsLatest, LastModified }) => ({ Key, IsLatest, LastModified }))
  return { versions, markers, Uploads }
}

async function contentOf(s3: S3Client, place: { Bucket: string; Key: string | undefined }): Promise<unknown> {
  const { Body, ETag, SSEKMSKeyId, ObjectLockLegalHoldStatus, ObjectLockRetainUntilDate } = await s3.send(
    new GetObjectCommand(place),
  )
  const text = (await Body?.transformToString())?.trimEnd()
  return { text, ETag, SSEKMSKeyId, ObjectLockLegalHoldStatus, ObjectLockRetainUntilDate }
}

async function keySeen(kms: KMSClient, KeyId: string): Promise<object> {
  return {
    key: (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata,
    tags: await said(async () => (await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags),
    grants: await said(async () => (await kms.send(new ListGrantsCommand({ KeyId }))).Grants),
    rotation: await said(async () => {
      const { KeyRotationEnabled, NextRotationDate } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }))
      return { KeyRotationEnabled, NextRotationDate }
    }),
  }
}

/** What is answered, or the name of the error. */
async function said(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask()
  } catch (error) {
    return Object(error).name
  }
}
