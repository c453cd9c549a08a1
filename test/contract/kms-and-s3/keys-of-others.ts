import { copyObject, getObject, headObject, putObject } from '../calls.ts'
import { createMultipartUpload, uploadPart } from '../calls-of-uploads.ts'
import { exampleAccount, exampleKey, exampleOther, keyArn } from '../names.ts'
import { accessDenied, allowed, fails, isInvisible, kmsRefuses, missingInKms } from '../outcomes.ts'
import type { Scenario, Source, Statement } from '../scenario.ts'
import { allow, bucket, carlos, deny, may, otherAccount, wholeAccount } from '../statements.ts'

/*
 * Bucket and key in two accounts, or their reader in another one: S3 asks KMS in the reader's name, so both policies of the key's side
 * and of the reader's side must allow (KMS Developer Guide, "Allowing users in other accounts to use a KMS key"; evidence:
 * kms-denied-foreign, kms-denied-ciphertext, sse-kms-refusals).
 */

const source: Source = 'evidence: sse-kms-refusals, kms-denied-foreign'
const foreignCiphertext =
  'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.'
const sse = (SSEKMSKeyId: string) => ({ ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId })
const notByIdentity = (action: string, arn: string) =>
  kmsRefuses(action, arn, missingInKms('identity-based policy', action))
const ownersArn = keyArn(exampleKey, exampleOther)
const useThroughS3 = ['kms:GenerateDataKey', 'kms:Decrypt']

/** The key is the other account's. */
function foreignKey(policy: readonly Statement[]) {
  return { [exampleKey]: { isForeign: true as const, policy } }
}

export const keysOfOthers: Scenario[] = [
  {
    name: "A bucket of this account under another account's key",
    source,
    users: {
      Alice: { policy: [may('s3:*'), may('kms:*', ownersArn)] },
      Bob: { policy: [may('s3:*')] },
      Dora: { policy: [may('s3:*'), may('kms:Decrypt', ownersArn)] },
    },
    keys: foreignKey([allow(wholeAccount, useThroughS3)]),
    buckets: bucket(undefined, { objects: [{ Key: 'a', ...sse(ownersArn) }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: putObject('b', sse(ownersArn)), expect: allowed },
      { by: 'Alice', call: copyObject('a', 'c', sse(ownersArn)), expect: allowed },
      { by: 'Bob', call: getObject('a'), expect: notByIdentity('kms:Decrypt', ownersArn) },
      { by: 'Bob', call: putObject('b', sse(ownersArn)), expect: notByIdentity('kms:GenerateDataKey', ownersArn) },
      { by: 'Bob', call: headObject('a'), expect: allowed },
      { by: 'Dora', call: getObject('a'), expect: allowed },
      { by: 'Dora', call: putObject('b', sse(ownersArn)), expect: notByIdentity('kms:GenerateDataKey', ownersArn) },
      {
        by: 'Alice',
        call: putObject('b', sse(exampleKey)),
        when: 'by the bare id of the key',
        expect: fails(400, 'KMS.NotFoundException', `Key '${keyArn()}' does not exist`),
        source: 'evidence: sse-kms-refusals, kms-key-not-found',
      },
    ],
  },
  {
    name: "Another account's key that does not let this account in",
    source,
    users: { Alice: { policy: [may(['s3:*', 'kms:*'])] } },
    keys: foreignKey([]),
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: putObject('b', sse(ownersArn)), expect: isInvisible('s3', 'kms:GenerateDataKey') },
      {
        by: 'Alice',
        call: createMultipartUpload('b', sse(ownersArn)),
        expect: isInvisible('s3', 'kms:GenerateDataKey'),
      },
    ],
  },
  {
    name: "Another account's key that denies a user of this account",
    source,
    users: { Alice: { policy: [may(['s3:*', 'kms:*'])] }, Bob: { policy: [may(['s3:*', 'kms:*'])] } },
    keys: foreignKey([
      allow(wholeAccount, useThroughS3),
      deny({ AWS: `arn:aws:iam::${exampleAccount}:user/Alice` }, 'kms:GenerateDataKey'),
    ]),
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: putObject('b', sse(ownersArn)), expect: isInvisible('s3', 'kms:GenerateDataKey') },
      { by: 'Bob', call: putObject('b', sse(ownersArn)), expect: allowed },
    ],
  },
  {
    name: 'A reader of another account and a key of this one',
    source,
    users: {
      Carlos: { isForeign: true, policy: [may(['s3:*', 'kms:*'])] },
      David: { isForeign: true, policy: [may('s3:*')] },
      Alice: { policy: [may('s3:*')] },
    },
    keys: { [exampleKey]: { policy: [allow(otherAccount, useThroughS3)] } },
    buckets: bucket([allow(otherAccount, ['s3:GetObject', 's3:PutObject'])], {
      objects: [{ Key: 'a', ...sse(keyArn()) }],
    }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      { by: 'Carlos', call: putObject('b', sse(keyArn())), expect: allowed },
      { by: 'David', call: getObject('a'), expect: notByIdentity('kms:Decrypt', keyArn()) },
      { by: 'David', call: putObject('b', sse(keyArn())), expect: notByIdentity('kms:GenerateDataKey', keyArn()) },
      {
        by: 'Alice',
        call: getObject('a'),
        expect: kmsRefuses('kms:Decrypt', keyArn(), missingInKms('resource-based policy', 'kms:Decrypt')),
      },
    ],
  },
  {
    name: 'A reader of another account whom the bucket lets in, and the key does not',
    source: 'evidence: sse-kms-refusals, kms-denied-ciphertext',
    users: { Carlos: { isForeign: true, policy: [may(['s3:*', 'kms:*'])] } },
    keys: { [exampleKey]: {} },
    buckets: bucket([allow(carlos, ['s3:GetObject', 's3:PutObject'])], { objects: [{ Key: 'a', ...sse(keyArn()) }] }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: fails(403, 'AccessDenied', foreignCiphertext) },
      { by: 'Carlos', call: putObject('b', sse(keyArn())), expect: isInvisible('s3', 'kms:GenerateDataKey') },
      { by: 'Carlos', call: headObject('a'), expect: allowed },
    ],
  },
  {
    name: 'A reader of another account whom the key lets in, and the bucket does not',
    source: 'evidence: s3-denied',
    users: { Carlos: { isForeign: true, policy: [may(['s3:*', 'kms:*'])] } },
    keys: { [exampleKey]: { policy: [allow(carlos, useThroughS3)] } },
    buckets: bucket(undefined, { objects: [{ Key: 'a', ...sse(keyArn()) }] }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: putObject('b', sse(keyArn())), expect: accessDenied },
    ],
  },
  {
    name: 'Uploads under a key',
    source: 'docs: S3 User Guide, "Uploading and copying objects using multipart upload": both permissions are needed',
    users: {
      Alice: { policy: [may(['s3:*', ...useThroughS3])] },
      Bob: { policy: [may(['s3:*', 'kms:GenerateDataKey'])] },
      Dora: { policy: [may(['s3:*', 'kms:Decrypt'])] },
    },
    keys: { [exampleKey]: {} },
    buckets: bucket(undefined, { objects: [], defaultKey: keyArn(), uploads: [{ Key: 'a' }] }),
    rows: [
      { by: 'Alice', call: createMultipartUpload('b'), expect: allowed },
      { by: 'Alice', call: uploadPart('a'), expect: allowed },
      { by: 'Bob', call: createMultipartUpload('b'), expect: allowed },
      { by: 'Bob', call: uploadPart('a'), expect: notByIdentity('kms:Decrypt', keyArn()) },
      { by: 'Dora', call: createMultipartUpload('b'), expect: notByIdentity('kms:GenerateDataKey', keyArn()) },
      { by: 'Dora', call: uploadPart('a'), expect: allowed },
    ],
  },
]
