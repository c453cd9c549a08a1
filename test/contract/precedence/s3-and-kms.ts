import { copyObject, deleteObject, getObject, headObject, listObjects, putObject } from '../calls.ts'
import { exampleAccount, exampleBucket, exampleKey, exampleOther, exampleSecondKey, keyArn } from '../names.ts'
import { accessDenied, allowed, bare, deniedBy, fails, kmsRefuses, missingInKms, noneAllows } from '../outcomes.ts'
import type { KeySpec, Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, carlos, deny, may, mayNot } from '../statements.ts'

/*
 * Which of several faults is told: S3's permissions come before the object, the object before its key, KMS's permissions before the
 * key's state (evidence: s3-read-order, s3-missing-hidden, sse-kms-refusals, sse-c-write-order, s3-unsigned-kms, sse-kms-signature).
 */

const source: Source = 'evidence: sse-kms-refusals'

const noIdentity = noneAllows('identity-based policy')
const sse = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: keyArn() }
const sealed = { objects: [{ Key: 'a', ...sse }] }
const may3 = { policy: [may('s3:*')] }
const mayBoth = { policy: [may(['s3:*', 'kms:*'])] }
const key = (spec: KeySpec = {}) => ({ [exampleKey]: spec })
const isDisabled = fails(400, 'KMS.DisabledException', `${keyArn()} is disabled.`)
const notByIdentity = (action: string) => kmsRefuses(action, keyArn(), missingInKms('identity-based policy', action))
const noSuchKey = fails(404, 'NoSuchKey', 'The specified key does not exist.')
const foreignCiphertext =
  'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.'
const customerKey = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) }

export const sealedObjects: Scenario[] = [
  {
    name: 'Under a disabled key',
    source,
    users: { Alice: mayBoth, Bob: {}, Carlos: may3 },
    keys: key({ state: 'Disabled' }),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: isDisabled },
      { by: 'Alice', call: putObject('b', sse), expect: isDisabled },
      { by: 'Alice', call: copyObject('a', 'b'), expect: isDisabled },
      { by: 'Alice', call: headObject('a'), expect: allowed },
      { by: 'Alice', call: listObjects(), expect: allowed },
      {
        by: 'Alice',
        call: getObject('a', { IfMatch: '"0"' }),
        when: 'if it is another one',
        source: 'assumed: KMS is asked last',
        expect: fails(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold'),
      },
      {
        by: 'Alice',
        call: getObject('a', { Range: 'bytes=10-' }),
        when: 'behind its end',
        source: 'assumed: KMS is asked last',
        expect: fails(416, 'InvalidRange', 'The requested range is not satisfiable'),
      },
      { by: 'Bob', call: getObject('a'), expect: noIdentity },
      { by: 'Carlos', call: getObject('a'), expect: notByIdentity('kms:Decrypt') },
      { by: 'Alice', call: deleteObject('a'), expect: allowed },
    ],
  },
  {
    name: 'Under a key that waits for its deletion',
    source,
    users: { Alice: mayBoth, Bob: may3 },
    keys: key({ state: 'PendingDeletion' }),
    buckets: bucket(undefined, sealed),
    rows: [
      {
        by: 'Alice',
        call: getObject('a'),
        expect: fails(400, 'KMS.KMSInvalidStateException', `${keyArn()} is pending deletion.`),
      },
      { by: 'Bob', call: getObject('a'), expect: notByIdentity('kms:Decrypt') },
    ],
  },
  {
    name: 'S3 allows and KMS does not',
    source,
    users: {
      Alice: may3,
      Bob: { policy: [may(['s3:*', 'kms:Decrypt'])] },
      Carlos: { policy: [may('s3:*'), mayNot('kms:*')] },
    },
    keys: key(),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: notByIdentity('kms:Decrypt') },
      { by: 'Alice', call: putObject('b', sse), expect: notByIdentity('kms:GenerateDataKey') },
      { by: 'Alice', call: headObject('a'), expect: allowed },
      { by: 'Bob', call: getObject('a'), expect: allowed },
      { by: 'Bob', call: putObject('b', sse), expect: notByIdentity('kms:GenerateDataKey') },
      { by: 'Bob', call: copyObject('a', 'b'), expect: allowed },
      {
        by: 'Carlos',
        call: getObject('a'),
        expect: kmsRefuses('kms:Decrypt', keyArn(), 'with an explicit deny in an identity-based policy'),
      },
      { by: 'Alice', call: deleteObject('a'), expect: allowed },
    ],
  },
  {
    name: 'KMS allows and S3 does not',
    source: 'evidence: s3-read-order',
    users: { Alice: { policy: [may('kms:*')] }, Bob: mayBoth },
    keys: key(),
    buckets: bucket([deny({ AWS: `arn:aws:iam::${exampleAccount}:user/Bob` }, 's3:GetObject')], sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: noIdentity },
      { by: 'Alice', call: putObject('b', sse), expect: noIdentity },
      { by: 'Bob', call: getObject('a'), expect: deniedBy('resource-based policy') },
    ],
  },
  {
    name: 'The key policy denies',
    source,
    users: { Alice: mayBoth },
    keys: key({ policy: [allow(alice, 'kms:*'), deny(alice, 'kms:Decrypt')] }),
    buckets: bucket(undefined, sealed),
    rows: [
      {
        by: 'Alice',
        call: getObject('a'),
        expect: kmsRefuses('kms:Decrypt', keyArn(), 'with an explicit deny in a resource-based policy'),
      },
      { by: 'Alice', call: putObject('b', sse), expect: allowed },
    ],
  },
  {
    name: 'A default key that the writer may not use',
    source: 'evidence: sse-key-choice',
    users: { Alice: may3 },
    keys: key(),
    buckets: bucket(undefined, { objects: [], defaultKey: keyArn() }),
    rows: [
      { by: 'Alice', call: putObject('b'), expect: notByIdentity('kms:GenerateDataKey') },
      { by: 'Alice', call: putObject('b', { ServerSideEncryption: 'AES256' }), when: 'under AES256', expect: allowed },
    ],
  },
  {
    name: 'A key that is not there',
    source,
    users: { Alice: mayBoth, Bob: {} },
    buckets: bucket(),
    rows: [
      {
        by: 'Alice',
        call: putObject('b', { ...sse, SSEKMSKeyId: exampleSecondKey }),
        expect: fails(400, 'KMS.NotFoundException', `Key '${keyArn(exampleSecondKey)}' does not exist`),
      },
      {
        by: 'Alice',
        call: putObject('b', { ...sse, SSEKMSKeyId: 'no-key' }),
        when: 'whose id is none',
        expect: fails(400, 'KMS.NotFoundException', "Invalid keyId 'no-key'"),
      },
      { by: 'Bob', call: putObject('b', { ...sse, SSEKMSKeyId: exampleSecondKey }), expect: noIdentity },
    ],
  },
  {
    name: "The account's own key for S3",
    source: 'evidence: kms-managed-key, kms-denied-ciphertext',
    users: { Alice: may3, Carlos: { isForeign: true, ...mayBoth } },
    buckets: bucket([allow(carlos, 's3:GetObject')], { objects: [{ Key: 'a', ServerSideEncryption: 'aws:kms' }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: putObject('b', { ServerSideEncryption: 'aws:kms' }), expect: allowed },
      { by: 'Carlos', call: getObject('a'), expect: fails(403, 'AccessDenied', foreignCiphertext) },
    ],
  },
  {
    name: 'A sealed object in a public bucket',
    source: 'evidence: s3-unsigned-kms, sse-kms-signature',
    keys: key(),
    buckets: bucket([allow('*', 's3:GetObject')], { isOpen: true, ...sealed }),
    rows: [
      {
        by: 'nobody',
        call: getObject('a'),
        expect: fails(
          400,
          'InvalidArgument',
          'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
        ),
      },
    ],
  },
]

export const missingObjects: Scenario[] = [
  {
    name: 'An object that is not there',
    source: 'evidence: s3-missing-hidden',
    users: {
      Alice: { policy: [may('s3:GetObject')] },
      Bob: { policy: [may(['s3:GetObject', 's3:ListBucket'])] },
      Carlos: { policy: [may('s3:ListBucket')] },
    },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: getObject('none'), expect: noneAllows('identity-based policy', 's3:ListBucket', bucketArn) },
      { by: 'Alice', call: headObject('none'), expect: bare(403, 'Unknown') },
      { by: 'Bob', call: getObject('none'), expect: noSuchKey },
      { by: 'Bob', call: headObject('none'), expect: bare(404, 'NotFound') },
      { by: 'Carlos', call: getObject('none'), expect: noIdentity },
      { by: 'Carlos', call: getObject('a'), expect: noIdentity },
    ],
  },
  {
    name: 'An object that is not there, and a Deny',
    source: 'evidence: s3-missing-hidden',
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket([deny(alice, 's3:GetObject')]),
    rows: [{ by: 'Alice', call: getObject('none'), expect: deniedBy('resource-based policy') }],
  },
  {
    name: 'A source of a copy that is not there',
    source: 'evidence: s3-missing-hidden',
    users: { Alice: { policy: [may(['s3:GetObject', 's3:PutObject'])] }, Bob: { policy: [may('s3:*')] } },
    buckets: bucket(),
    rows: [
      {
        by: 'Alice',
        call: copyObject('none', 'b'),
        expect: noneAllows('identity-based policy', 's3:ListBucket', bucketArn),
      },
      { by: 'Bob', call: copyObject('none', 'b'), expect: noSuchKey },
    ],
  },
  {
    name: 'A bucket that is not there',
    source: 'evidence: s3-read-order',
    users: { Alice: {} },
    buckets: bucket(),
    rows: ['Alice', 'nobody'].flatMap((by) => [
      {
        by,
        call: getObject('a', { Bucket: `${exampleBucket}-never-there` }),
        expect: fails(404, 'NoSuchBucket', 'The specified bucket does not exist'),
      },
      {
        by,
        call: listObjects({ Bucket: `${exampleBucket}-never-there` }),
        expect: fails(404, 'NoSuchBucket', 'The specified bucket does not exist'),
      },
    ]),
  },
  {
    name: 'Another owner than the expected one',
    source: 'evidence: s3-expected-owner',
    users: { Alice: { policy: [may('s3:*')] }, Bob: {} },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: getObject('a', { ExpectedBucketOwner: exampleOther }), expect: accessDenied },
      { by: 'Alice', call: getObject('none', { ExpectedBucketOwner: exampleOther }), expect: accessDenied },
      { by: 'Bob', call: getObject('a', { ExpectedBucketOwner: exampleOther }), expect: accessDenied },
      { by: 'Alice', call: getObject('a', { ExpectedBucketOwner: exampleAccount }), when: 'as it is', expect: allowed },
      {
        by: 'Alice',
        call: getObject('a', { ExpectedBucketOwner: '1' }),
        when: 'which is none',
        expect: fails(
          400,
          'InvalidBucketOwnerAWSAccountID',
          'The value of the expected bucket owner parameter must be an AWS Account ID... [1]',
        ),
      },
    ],
  },
  {
    name: 'Keys of customers',
    source: 'evidence: sse-c-blocked, sse-c-write-order',
    users: { Alice: { policy: [may('s3:*')] }, Bob: {} },
    buckets: bucket(),
    rows: [
      {
        by: 'Alice',
        call: putObject('b', customerKey),
        expect: (arn) => ({
          status: 403,
          code: 'AccessDenied',
          message: `User: ${arn} is not authorized to perform: s3:PutObject on resource: "${bucketArn}/b" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type.`,
        }),
      },
      { by: 'Bob', call: putObject('b', customerKey), expect: noIdentity },
      // What is malformed is told before who may.
      ...['Alice', 'Bob'].map((by) => ({
        by,
        call: putObject('b', { SSECustomerAlgorithm: 'AES256' }),
        when: 'without a key',
        expect: fails(
          400,
          'InvalidArgument',
          'Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.',
        ),
      })),
      {
        by: 'Alice',
        call: getObject('a', customerKey),
        expect: fails(400, 'InvalidRequest', 'The encryption parameters are not applicable to this object.'),
      },
      { by: 'Bob', call: getObject('a', customerKey), expect: noIdentity },
    ],
  },
]
