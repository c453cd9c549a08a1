import {
  CreateAliasCommand,
  CreateGrantCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { context, Plaintext, underKey } from './deeds.ts'
import { type Actor, account, Bucket, documentOf, everything, other, root } from './world.ts'

/** The same to all neighbours of what was done: what is refused, and for which permission. */
export const neighbours: [name: string, permission: string, call: (actor: Actor) => Promise<unknown>][] = [
  [
    'another key',
    'kms:GenerateMac',
    ({ kms, keys }) =>
      kms.send(new GenerateMacCommand({ KeyId: keys.own, MacAlgorithm: 'HMAC_SHA_256', Message: Plaintext })),
  ],
  [
    'sealing with the key that was re-encrypted to',
    'kms:Encrypt',
    ({ kms, keys }) => kms.send(new EncryptCommand({ KeyId: keys.second, Plaintext, EncryptionContext: context })),
  ],
  [
    'another context',
    'kms:Encrypt',
    ({ kms, keys }) => kms.send(new EncryptCommand({ KeyId: keys.own, Plaintext, EncryptionContext: { tenant: 'b' } })),
  ],
  ['no context', 'kms:Encrypt', ({ kms, keys }) => kms.send(new EncryptCommand({ KeyId: keys.own, Plaintext }))],
  [
    'one more pair',
    'kms:GenerateDataKey',
    ({ kms, keys }) =>
      kms.send(
        new GenerateDataKeyCommand({
          KeyId: keys.own,
          KeySpec: 'AES_256',
          EncryptionContext: { ...context, user: 'b' },
        }),
      ),
  ],
  [
    'the context of an object, not through S3',
    'kms:GenerateDataKey',
    ({ kms, keys }) =>
      kms.send(
        new GenerateDataKeyCommand({
          KeyId: keys.own,
          KeySpec: 'AES_256',
          EncryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/out/one` },
        }),
      ),
  ],
  [
    'a grant to somebody else',
    'kms:CreateGrant',
    ({ kms, keys }) =>
      kms.send(
        new CreateGrantCommand({
          KeyId: keys.own,
          GranteePrincipal: `arn:aws:iam::${account}:user/test`,
          Operations: ['Encrypt'],
        }),
      ),
  ],
  [
    'a grant of more',
    'kms:CreateGrant',
    ({ kms, keys }) =>
      kms.send(
        new CreateGrantCommand({
          KeyId: keys.own,
          GranteePrincipal: `arn:aws:iam::${account}:user/grantee`,
          Operations: ['Encrypt', 'Decrypt'],
        }),
      ),
  ],
  [
    'another alias',
    'kms:CreateAlias',
    ({ kms, keys }) => kms.send(new CreateAliasCommand({ AliasName: 'alias/theirs', TargetKeyId: keys.own })),
  ],
  [
    'the key policy',
    'kms:PutKeyPolicy',
    ({ kms, keys }) =>
      kms.send(
        new PutKeyPolicyCommand({ KeyId: keys.own, Policy: documentOf([{ ...everything, Principal: { AWS: root } }]) }),
      ),
  ],
  [
    'the end of the key',
    'kms:ScheduleKeyDeletion',
    ({ kms, keys }) => kms.send(new ScheduleKeyDeletionCommand({ KeyId: keys.own })),
  ],
  [
    'a replica',
    'kms:ReplicateKey',
    ({ kms, keys }) => kms.send(new ReplicateKeyCommand({ KeyId: keys.multiRegion, ReplicaRegion: 'eu-west-1' })),
  ],
  ['another object', 's3:GetObject', ({ s3 }) => s3.send(new GetObjectCommand({ Bucket, Key: 'private/a' }))],
  [
    'writing what was read',
    's3:PutObject',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket, Key: 'in/a', Body: 'x' })),
  ],
  [
    'tags where there were none',
    's3:PutObjectTagging',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket, Key: 'out/cheap', Body: 'x', Tagging: 'a=b' })),
  ],
  [
    'another key for an object',
    'kms:GenerateDataKey',
    ({ s3, keys }) => s3.send(new PutObjectCommand({ Bucket, Key: 'out/one', Body: 'x', ...underKey(keys.second) })),
  ],
  [
    'an ACL',
    's3:PutObjectAcl',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket, Key: 'out/one', Body: 'x', ACL: 'bucket-owner-read' })),
  ],
  ['another prefix', 's3:ListBucket', ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'private/' }))],
  ['no prefix', 's3:ListBucket', ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket }))],
  [
    'a copy of another object',
    's3:GetObject',
    ({ s3, keys }) =>
      s3.send(
        new CopyObjectCommand({ Bucket, Key: 'out/copy', CopySource: `${Bucket}/private/a`, ...underKey(keys.own) }),
      ),
  ],
  ['another bucket', 's3:ListBucket', ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: other, Prefix: 'in/' }))],
  [
    'setting what was read',
    's3:PutBucketVersioning',
    ({ s3 }) => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })),
  ],
]
