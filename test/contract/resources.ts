import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeletePublicAccessBlockCommand,
  PutBucketAbacCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { runTag } from './journal.ts'
import {
  exampleAccount,
  exampleGrant,
  exampleOther,
  exampleSecondGrant,
  exampleSecondUpload,
  exampleSecondVersion,
  exampleUpload,
  exampleVersion,
} from './names.ts'
import { documentOf, tagsOf } from './principals.ts'
import { PendingWindowInDays } from './removals.ts'
import type { BucketSpec, KeySpec, Statement } from './scenario.ts'
import type { Setting } from './setting.ts'
import type { Clients } from './target.ts'

/* Buckets and keys. What denies comes last, so that it does not deny what makes it. */

/**
 * Leaves the key to everybody of the account whom the suite did not make, so that it can be taken away again, whatever else its policy
 * says. The principals of the suite are named `contract-…`.
 */
function managementOf(account: string): Statement {
  return {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Condition: {
      ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:user/contract-*', 'arn:aws:iam::*:role/contract-*'] },
    },
  }
}

/** @returns the ciphertexts that were asked for, by name */
export async function makeKey(setting: Setting, id: string, spec: KeySpec): Promise<Record<string, Uint8Array>> {
  const { kms } = setting.accountOf(spec).administrator
  const { policy, tags = {}, ciphertexts = {}, alias } = spec
  const statements = policy && [managementOf(spec.isForeign ? exampleOther : exampleAccount), ...policy]
  const Policy = statements && setting.names.actual(documentOf(statements.map((one) => ({ Resource: '*', ...one }))))
  const allTags = { ...tags, [runTag]: setting.belonging.run }
  const Tags = Object.entries(allTags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
  const made = { Policy, Tags, Description: 'made by a test', BypassPolicyLockoutSafetyCheck: policy !== undefined }
  const Origin = spec.state === 'PendingImport' ? ('EXTERNAL' as const) : undefined
  const input = { ...made, Origin, MultiRegion: spec.isMultiRegion }
  const { KeyMetadata } = await setting.persist(() => kms.send(new CreateKeyCommand(input)))
  const KeyId = KeyMetadata?.KeyId ?? ''
  setting.names.give(id, KeyId)
  setting.note({ kind: 'key', name: KeyId, isForeign: spec.isForeign })
  const sealed = await Promise.all(
    Object.entries(ciphertexts).map(async ([name, EncryptionContext]) => {
      const input = {
        KeyId,
        Plaintext: Buffer.from('text'),
        EncryptionContext: setting.names.actual(EncryptionContext),
      }
      const { CiphertextBlob = new Uint8Array() } = await setting.persist(() => kms.send(new EncryptCommand(input)))
      return [name, CiphertextBlob] as const
    }),
  )
  if (alias) {
    const AliasName = `alias/${setting.name(alias)}`
    await setting.make({ kind: 'alias', name: AliasName, isForeign: spec.isForeign }, () =>
      kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId })),
    )
  }
  return Object.fromEntries(sealed)
}

/** Grants to principals, and the state that a key is in afterwards. */
export async function finishKey(
  setting: Setting,
  id: string,
  { grants = [], state, isForeign }: KeySpec,
): Promise<void> {
  const { kms } = setting.accountOf({ isForeign }).administrator
  const KeyId = setting.names.actual(id)
  for (const [index, grant] of grants.entries()) {
    const input = { ...setting.names.actual(grant), KeyId }
    const { GrantId = '' } = await setting.persist(() => kms.send(new CreateGrantCommand(input)))
    const name = [exampleGrant, exampleSecondGrant][index]
    if (name) setting.names.give(name, GrantId)
  }
  if (state === 'Disabled') await kms.send(new DisableKeyCommand({ KeyId }))
  if (state === 'PendingDeletion') await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }))
}

export async function makeBucket(setting: Setting, name: string, spec: BucketSpec): Promise<void> {
  const { s3 } = setting.target.own.administrator
  const Bucket = setting.names.actual(name)
  const { ownership, isOpen, block, acl, objects = [], defaultKey } = spec
  await setting.make({ kind: 'bucket', name: Bucket }, () => s3.send(new CreateBucketCommand({ Bucket })))
  if (spec.tags) await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagsOf(spec.tags) } }))
  if (spec.hasAbac) await s3.send(new PutBucketAbacCommand({ Bucket, AbacStatus: { Status: 'Enabled' } }))
  if (spec.isVersioned) {
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  }
  if (isOpen || block) await s3.send(new DeletePublicAccessBlockCommand({ Bucket }))
  if (ownership) {
    const OwnershipControls = { Rules: [{ ObjectOwnership: ownership }] }
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
  }
  if (acl) await s3.send(new PutBucketAclCommand({ Bucket, ...setting.names.actual(acl) }))
  if (defaultKey) await encryptByDefault(setting, Bucket, defaultKey, spec.isBucketKeyEnabled ?? false)
  for (const [index, object] of objects.entries()) {
    const input = { Bucket, Key: 'a', Body: 'text', ...setting.names.actual(object) }
    const { VersionId } = await setting.persist(() => s3.send(new PutObjectCommand(input)))
    const name = [exampleVersion, exampleSecondVersion][index]
    if (VersionId && name) setting.names.give(name, VersionId)
  }
}

async function encryptByDefault(setting: Setting, Bucket: string, key: string, BucketKeyEnabled: boolean) {
  const KMSMasterKeyID = setting.names.actual(key)
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID }
  const Rules = [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }]
  const { s3 } = setting.target.own.administrator
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }))
}

/** The bucket's policy, and what takes public access away. */
export async function finishBucket(setting: Setting, name: string, { policy, block }: BucketSpec): Promise<void> {
  const { s3 } = setting.target.own.administrator
  const Bucket = setting.names.actual(name)
  if (policy) {
    const Resource = [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]
    const Policy = setting.names.actual(documentOf(policy.map((one) => (one.NotResource ? one : { Resource, ...one }))))
    await setting.persist(() => s3.send(new PutBucketPolicyCommand({ Bucket, Policy })))
  }
  if (!block) return
  const PublicAccessBlockConfiguration = { [block]: true }
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
}

/** What principals of the scenario write and begin. @param clientsOf of a user or role by its name */
export async function writeInto(
  setting: Setting,
  name: string,
  { written = [], uploads = [] }: BucketSpec,
  clientsOf: (by: string) => Clients,
): Promise<void> {
  const Bucket = setting.names.actual(name)
  for (const { by, ...object } of written) {
    const input = { Bucket, Key: 'a', Body: 'text', ...setting.names.actual(object) }
    await setting.persist(() => clientsOf(by).s3.send(new PutObjectCommand(input)))
  }
  for (const [index, { Key, by = 'administrator', isStopped }] of uploads.entries()) {
    const { s3 } = clientsOf(by)
    const { UploadId = '' } = await setting.persist(() => s3.send(new CreateMultipartUploadCommand({ Bucket, Key })))
    setting.names.give(index === 0 ? exampleUpload : exampleSecondUpload, UploadId)
    if (isStopped) await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
  }
}
