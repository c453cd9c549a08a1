import { copyObject, deleteObject, encrypt, getObject, headObject, putObject } from '../calls.ts'
import { createMultipartUpload, uploadPart } from '../calls-of-uploads.ts'
import { exampleAccount, exampleBucket, exampleKey, exampleSecondKey, keyArn } from '../names.ts'
import { allowed, fails, kmsRefuses, missingInKms, noneAllows } from '../outcomes.ts'
import type { KeySpec, Outcome, Scenario, Source, Statement } from '../scenario.ts'
import { alice, allow, bucket, deny, may, mayNot, roleArn, userArn, wholeAccount } from '../statements.ts'

/*
 * S3 allows and KMS refuses: in KMS's own words, whichever side refuses, and whatever state the key is in
 * (evidence: sse-kms-refusals, kms-key-states).
 */

const source: Source = 'evidence: sse-kms-refusals'
const sse = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: keyArn() }
const sealed = { objects: [{ Key: 'a', ...sse }] }
const key = (spec: KeySpec = {}) => ({ [exampleKey]: spec })
const useThroughS3 = ['kms:GenerateDataKey', 'kms:Decrypt']
const mayBoth = may(['s3:*', 'kms:*'])
const readRefused = (words: string): Outcome => kmsRefuses('kms:Decrypt', keyArn(), words)
const writeRefused = (words: string): Outcome => kmsRefuses('kms:GenerateDataKey', keyArn(), words)
const role = { AWS: roleArn('ExampleRole') }

export const throughS3: Scenario[] = [
  {
    name: 'A boundary that leaves out KMS',
    source,
    users: { Alice: { policy: [mayBoth], boundary: [may('s3:*')] } },
    keys: key(),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: readRefused(missingInKms('permissions boundary', 'kms:Decrypt')) },
      {
        by: 'Alice',
        call: putObject('b', sse),
        expect: writeRefused(missingInKms('permissions boundary', 'kms:GenerateDataKey')),
      },
      { by: 'Alice', call: headObject('a'), expect: allowed },
    ],
  },
  {
    name: 'A session policy that leaves out KMS',
    source,
    roles: { ExampleRole: { policy: [mayBoth], session: [may('s3:*')] } },
    keys: key(),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: readRefused(missingInKms('session policy', 'kms:Decrypt')) },
      {
        by: 'ExampleRole',
        call: putObject('b', sse),
        expect: writeRefused(missingInKms('session policy', 'kms:GenerateDataKey')),
      },
    ],
  },
  {
    name: 'A session policy that denies KMS',
    source,
    roles: { ExampleRole: { policy: [mayBoth], session: [mayBoth, mayNot('kms:Decrypt')] } },
    keys: key({ policy: [allow(wholeAccount, 'kms:*'), allow(role, useThroughS3)] }),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: readRefused('with an explicit deny in a session policy') },
      { by: 'ExampleRole', call: putObject('b', sse), expect: allowed },
    ],
  },
  {
    name: 'A managed policy that denies KMS',
    source: 'assumed: KMS names the policy as S3 does, and S3 passes it on',
    users: { Alice: { managed: [mayBoth, mayNot('kms:Decrypt')] } },
    keys: key(),
    buckets: bucket(undefined, sealed),
    rows: [
      {
        by: 'Alice',
        call: getObject('a'),
        expect: readRefused(
          `with an explicit deny in an identity-based policy: arn:aws:iam::${exampleAccount}:policy/AlicePolicy`,
        ),
      },
    ],
  },
  {
    name: 'A key that only S3 may use for this account',
    source: 'docs: KMS Developer Guide, "AWS KMS condition keys": kms:ViaService, kms:CallerAccount',
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key({
      policy: [
        {
          ...allow('*', [...useThroughS3, 'kms:Encrypt']),
          Condition: {
            StringEquals: { 'kms:CallerAccount': exampleAccount },
            StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' },
          },
        },
      ],
    }),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: putObject('b', sse), expect: allowed },
      {
        by: 'Alice',
        call: encrypt(),
        expect: noneAllows('resource-based policy'),
      },
    ],
  },
  {
    name: 'A Deny of use through S3',
    source: 'docs: KMS Developer Guide, "AWS KMS condition keys": kms:ViaService',
    users: {
      Alice: {
        policy: [
          mayBoth,
          { ...mayNot('kms:*'), Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } },
        ],
      },
    },
    keys: key(),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: readRefused('with an explicit deny in an identity-based policy') },
      { by: 'Alice', call: encrypt(), expect: allowed },
    ],
  },
  {
    name: 'A grant for one object',
    source: 'evidence: sse-context, kms-grant-constraints',
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key({
      grants: [
        {
          ...{ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] },
          Constraints: { EncryptionContextEquals: { 'aws:s3:arn': `arn:aws:s3:::${exampleBucket}/a` } },
        },
      ],
    }),
    buckets: bucket(undefined, {
      objects: [
        { Key: 'a', ...sse },
        { Key: 'b', ...sse },
      ],
    }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: getObject('b'), expect: readRefused(missingInKms('identity-based policy', 'kms:Decrypt')) },
    ],
  },
  {
    name: 'A tag of the key, and of its caller',
    source: 'docs: KMS Developer Guide, "ABAC for AWS KMS"',
    users: {
      Alice: { tags: { team: 'blue' }, policy: [may('s3:*'), ofOwnTeam()] },
      Bob: { tags: { team: 'red' }, policy: [may('s3:*'), ofOwnTeam()] },
    },
    keys: key({ tags: { team: 'blue' } }),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Bob', call: getObject('a'), expect: readRefused(missingInKms('identity-based policy', 'kms:Decrypt')) },
    ],
  },
  {
    name: 'A copy from under one key to under another',
    source,
    users: {
      Alice: {
        policy: [may('s3:*'), may('kms:Decrypt', keyArn()), may('kms:GenerateDataKey', keyArn(exampleSecondKey))],
      },
      Bob: { policy: [may('s3:*'), may('kms:GenerateDataKey')] },
      Dora: { policy: [may('s3:*'), may('kms:Decrypt')] },
    },
    keys: { [exampleKey]: {}, [exampleSecondKey]: {} },
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: copyObject('a', 'b', second()), expect: allowed },
      {
        by: 'Bob',
        call: copyObject('a', 'b', second()),
        expect: readRefused(missingInKms('identity-based policy', 'kms:Decrypt')),
      },
      {
        by: 'Dora',
        call: copyObject('a', 'b', second()),
        expect: kmsRefuses(
          'kms:GenerateDataKey',
          keyArn(exampleSecondKey),
          missingInKms('identity-based policy', 'kms:GenerateDataKey'),
        ),
      },
      { by: 'Dora', call: copyObject('a', 'b'), when: 'under no key', expect: allowed },
    ],
  },
]

function ofOwnTeam(): Statement {
  return { ...may('kms:*'), Condition: { StringEquals: { 'aws:ResourceTag/team': `\${aws:PrincipalTag/team}` } } }
}

function second() {
  return { ...sse, SSEKMSKeyId: keyArn(exampleSecondKey) }
}

const isDisabled = fails(400, 'KMS.DisabledException', `${keyArn()} is disabled.`)
const isPendingImport = fails(400, 'KMS.KMSInvalidStateException', `${keyArn()} is pending import.`)
const isPendingDeletion = fails(400, 'KMS.KMSInvalidStateException', `${keyArn()} is pending deletion.`)

export const keyStates: Scenario[] = [
  {
    name: 'A disabled default key',
    source: 'evidence: sse-kms-refusals, kms-key-states',
    users: { Alice: { policy: [mayBoth] }, Bob: { policy: [may('s3:*')] } },
    keys: key({ state: 'Disabled' }),
    buckets: bucket(undefined, { ...sealed, defaultKey: keyArn() }),
    rows: [
      { by: 'Alice', call: putObject('b'), expect: isDisabled },
      { by: 'Alice', call: createMultipartUpload('b'), expect: isDisabled },
      { by: 'Alice', call: copyObject('a', 'b'), expect: isDisabled },
      { by: 'Alice', call: putObject('b', { ServerSideEncryption: 'AES256' }), when: 'under AES256', expect: allowed },
      {
        by: 'Bob',
        call: putObject('b'),
        expect: writeRefused(missingInKms('identity-based policy', 'kms:GenerateDataKey')),
      },
      { by: 'Alice', call: headObject('a'), expect: allowed },
      { by: 'Alice', call: deleteObject('a'), expect: allowed },
    ],
  },
  {
    name: 'A disabled default key with a bucket key',
    source: 'evidence: sse-kms-refusals, kms-key-states',
    users: { Alice: { policy: [mayBoth] } },
    keys: key({ state: 'Disabled' }),
    buckets: bucket(undefined, { objects: [], defaultKey: keyArn(), isBucketKeyEnabled: true }),
    rows: [{ by: 'Alice', call: putObject('b'), expect: isDisabled }],
  },
  {
    name: 'A key that waits for its material',
    source: 'evidence: kms-key-states, sse-kms-refusals',
    users: { Alice: { policy: [mayBoth] }, Bob: { policy: [may('s3:*')] } },
    keys: key({ state: 'PendingImport' }),
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: putObject('b', sse), expect: isPendingImport },
      { by: 'Alice', call: createMultipartUpload('b', sse), expect: isPendingImport },
      { by: 'Alice', call: copyObject('a', 'b', sse), expect: isPendingImport },
      {
        by: 'Bob',
        call: putObject('b', sse),
        expect: writeRefused(missingInKms('identity-based policy', 'kms:GenerateDataKey')),
      },
      {
        by: 'Alice',
        call: encrypt(),
        expect: fails(400, 'KMSInvalidStateException', `${keyArn()} is pending import.`),
      },
    ],
  },
  {
    name: 'Uploads under a key that waits for its deletion',
    source: 'evidence: kms-key-states, sse-kms-refusals',
    users: { Alice: { policy: [mayBoth] } },
    keys: key({ state: 'PendingDeletion' }),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: putObject('b', sse), expect: isPendingDeletion },
      { by: 'Alice', call: createMultipartUpload('b', sse), expect: isPendingDeletion },
      { by: 'Alice', call: copyObject('a', 'b'), expect: isPendingDeletion },
      { by: 'Alice', call: deleteObject('a'), expect: allowed },
    ],
  },
  {
    name: 'A multi-Region key',
    source: 'docs: S3 User Guide, "Using server-side encryption with AWS KMS keys": as a single-Region key',
    users: { Alice: { policy: [mayBoth] }, Bob: { policy: [may('s3:*')] } },
    keys: key({ isMultiRegion: true }),
    buckets: bucket(undefined, { ...sealed, uploads: [{ Key: 'u' }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: putObject('b', sse), expect: allowed },
      { by: 'Alice', call: uploadPart('u'), expect: allowed },
      { by: 'Bob', call: getObject('a'), expect: readRefused(missingInKms('identity-based policy', 'kms:Decrypt')) },
    ],
  },
  {
    name: 'Allowed with multi-Region keys alone',
    source: 'docs: KMS Developer Guide, "AWS KMS condition keys": kms:MultiRegion, kms:MultiRegionKeyType',
    users: {
      Alice: { policy: [{ ...may('kms:*'), Condition: { Bool: { 'kms:MultiRegion': 'true' } } }] },
      Bob: { policy: [{ ...may('kms:*'), Condition: { StringEquals: { 'kms:MultiRegionKeyType': 'REPLICA' } } }] },
    },
    keys: { ...key({ isMultiRegion: true }), [exampleSecondKey]: {} },
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      {
        by: 'Alice',
        call: { ...encrypt({ KeyId: exampleSecondKey }), resource: keyArn(exampleSecondKey) },
        when: 'under a key of one Region',
        expect: noneAllows('identity-based policy'),
      },
      { by: 'Bob', call: encrypt(), expect: noneAllows('identity-based policy') },
    ],
  },
  {
    name: 'A Deny of use through S3 in the key policy, and a disabled key',
    source: 'evidence: kms-key-states',
    users: { Alice: { policy: [mayBoth] } },
    keys: key({ policy: [allow(wholeAccount, 'kms:*'), deny(alice, 'kms:Decrypt')], state: 'Disabled' }),
    buckets: bucket(undefined, sealed),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: readRefused('with an explicit deny in a resource-based policy') },
      { by: 'Alice', call: putObject('b', sse), expect: isDisabled },
    ],
  },
]
