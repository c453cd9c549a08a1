import {
  createGrant,
  decrypt,
  describeKey,
  encrypt,
  generateDataKey,
  getObject,
  listGrants,
  putObject,
  reEncrypt,
} from '../calls.ts'
import { exampleAccount, exampleBucket, exampleKey, exampleOther, keyArn } from '../names.ts'
import { allowed, deniedBy, fails, kmsRefuses, missingInKms, noneAllows } from '../outcomes.ts'
import type { KeySpec, Row, Scenario, Source, Statement } from '../scenario.ts'
import { alice, allow, bucket, deny, may, userArn, wholeAccount } from '../statements.ts'

/*
 * Conditions of key policies: the encryption context, the service that asks, the caller's account, what a grant would permit
 * (KMS Developer Guide, "AWS KMS condition keys"; evidence: sse-context).
 */

const source: Source = 'docs: KMS Developer Guide, "AWS KMS condition keys"'

type Condition = Statement['Condition']

const noResource = noneAllows('resource-based policy')
const contexts = {
  none: {},
  tenantA: { tenant: 'a' },
  tenantB: { tenant: 'b' },
  more: { tenant: 'a', purpose: 'test' },
}

function key(policy: readonly Statement[], more: KeySpec = {}): Record<string, KeySpec> {
  return { [exampleKey]: { policy, ciphertexts: contexts, ...more } }
}

/** Alice, whom nothing but the key policy's Allow under this condition lets in. */
function allowedIf(
  name: string,
  actions: string | readonly string[],
  condition: Condition,
  ...rows: readonly Omit<Row, 'by'>[]
): Scenario {
  return {
    name,
    source,
    users: { Alice: {} },
    keys: key([{ ...allow(alice, actions), Condition: condition }]),
    rows: rows.map((row) => ({ by: 'Alice', ...row })),
  }
}

const passes = (call: Row['call'], when?: string) => ({ call, when, expect: allowed })
const isRefused = (call: Row['call'], when?: string) => ({ call, when, expect: noResource })
const under = (EncryptionContext: Record<string, string>) => ({ EncryptionContext })
const sse = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: keyArn() }
const use = ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:Encrypt']
const ofS3 = { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } }
const byKms = (action: string) => kmsRefuses(action, keyArn(), missingInKms('resource-based policy', action))

export const kmsConditions: Scenario[] = [
  allowedIf(
    'Allowed under one encryption context',
    use,
    { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    passes(encrypt(under({ tenant: 'a' })), 'under it'),
    passes(encrypt(under({ tenant: 'a', more: 'x' })), 'with more'),
    isRefused(encrypt(under({ tenant: 'b' })), 'with another value'),
    isRefused(encrypt(under({ tenant: 'A' })), 'with a capital letter'),
    isRefused(encrypt(), 'without any'),
    passes(encrypt(under({ Tenant: 'a' })), 'with a capital letter in its name'),
    passes(decrypt('tenantA', under({ tenant: 'a' }))),
    isRefused(decrypt('tenantB', under({ tenant: 'b' }))),
    isRefused(decrypt('tenantA'), 'without any'),
    {
      call: decrypt('tenantB', under({ tenant: 'a' })),
      when: 'under the wrong one',
      expect: fails(400, 'InvalidCiphertextException', 'UnknownError'),
    },
    passes(generateDataKey(under({ tenant: 'a' })), 'under it'),
    isRefused(generateDataKey(), 'without any'),
  ),
  allowedIf(
    'Allowed under a pattern of contexts',
    'kms:Encrypt',
    { StringLike: { 'kms:EncryptionContext:path': 'reports/*' } },
    passes(encrypt(under({ path: 'reports/2026' }))),
    isRefused(encrypt(under({ path: 'letters/2026' })), 'with another one'),
  ),
  allowedIf(
    'Allowed with these names alone',
    'kms:Encrypt',
    { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'purpose'] } },
    passes(encrypt(under({ tenant: 'x' })), 'with one'),
    passes(encrypt(under({ tenant: 'x', purpose: 'y' })), 'with both'),
    isRefused(encrypt(under({ tenant: 'x', other: 'y' })), 'with another'),
    passes(encrypt(), 'with none'),
  ),
  allowedIf(
    'Allowed with one of these names',
    'kms:Encrypt',
    { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'purpose'] } },
    passes(encrypt(under({ tenant: 'x', other: 'y' })), 'with another beside it'),
    isRefused(encrypt(under({ other: 'y' })), 'with another'),
    isRefused(encrypt(), 'with none'),
  ),
  allowedIf(
    'Allowed with any context',
    'kms:Encrypt',
    { Null: { 'kms:EncryptionContextKeys': 'false' } },
    passes(encrypt(under({ tenant: 'x' })), 'with one'),
    isRefused(encrypt(), 'with none'),
  ),
  {
    name: 'Denied without a context',
    source,
    users: { Alice: { policy: [may('kms:*')] } },
    keys: key([
      allow(wholeAccount, 'kms:*'),
      { ...deny(alice, 'kms:Encrypt'), Condition: { Null: { 'kms:EncryptionContext:tenant': 'true' } } },
    ]),
    rows: [
      { by: 'Alice', call: encrypt(under({ tenant: 'x' })), expect: allowed },
      { by: 'Alice', call: encrypt(), when: 'without', expect: deniedBy('resource-based policy') },
    ],
  },
  {
    name: 'Allowed through S3 alone',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key([{ ...allow(alice, use), Condition: ofS3 }]),
    buckets: bucket(undefined, { objects: [{ Key: 'a', ...sse }] }),
    rows: [
      { by: 'Alice', call: putObject('b', sse), expect: allowed },
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: encrypt(), expect: noResource },
      { by: 'Alice', call: generateDataKey(), expect: noResource },
    ],
  },
  {
    name: 'Allowed through another service alone',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key([
      { ...allow(alice, use), Condition: { StringEquals: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } } },
    ]),
    buckets: bucket(undefined, { objects: [{ Key: 'a', ...sse }] }),
    rows: [
      { by: 'Alice', call: putObject('b', sse), expect: byKms('kms:GenerateDataKey') },
      { by: 'Alice', call: getObject('a'), expect: byKms('kms:Decrypt') },
    ],
  },
  {
    name: 'Denied but through S3',
    source,
    users: { Alice: { policy: [may(['s3:*', 'kms:*'])] } },
    keys: key([
      allow(wholeAccount, 'kms:*'),
      {
        ...deny(alice, ['kms:Decrypt']),
        Condition: { StringNotEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      },
    ]),
    buckets: bucket(undefined, { objects: [{ Key: 'a', ...sse }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: decrypt('none'), expect: deniedBy('resource-based policy') },
      { by: 'Alice', call: encrypt(), expect: allowed },
    ],
  },
  {
    name: 'Allowed for one prefix of a bucket, by the context that S3 gives',
    source: 'evidence: sse-context',
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key([
      {
        ...allow(alice, use),
        Condition: { StringLike: { 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${exampleBucket}/docs/*` } },
      },
    ]),
    buckets: bucket(undefined, {
      objects: [
        { Key: 'a', ...sse },
        { Key: 'docs/a', ...sse },
      ],
    }),
    rows: [
      { by: 'Alice', call: getObject('docs/a'), expect: allowed },
      { by: 'Alice', call: getObject('a'), expect: byKms('kms:Decrypt') },
      { by: 'Alice', call: putObject('docs/b', sse), expect: allowed },
      { by: 'Alice', call: putObject('b', sse), expect: byKms('kms:GenerateDataKey') },
    ],
  },
  {
    name: 'Allowed for a bucket, by the context of its bucket key',
    source: 'evidence: sse-context',
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key([
      {
        ...allow(alice, use),
        Condition: { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${exampleBucket}` } },
      },
    ]),
    buckets: bucket(undefined, { objects: [], defaultKey: keyArn(), isBucketKeyEnabled: true }),
    rows: [
      { by: 'Alice', call: putObject('b'), expect: allowed },
      { by: 'Alice', call: getObject('b'), expect: allowed },
      {
        by: 'Alice',
        call: putObject('c', { ...sse, BucketKeyEnabled: false }),
        expect: byKms('kms:GenerateDataKey'),
      },
    ],
  },
  allowedIf(
    'Allowed to callers of this account',
    use,
    { StringEquals: { 'kms:CallerAccount': exampleAccount } },
    passes(encrypt()),
  ),
  allowedIf(
    'Allowed to callers of another account',
    use,
    { StringEquals: { 'kms:CallerAccount': exampleOther } },
    isRefused(encrypt()),
  ),
  allowedIf(
    'Allowed with one algorithm',
    use,
    { StringEquals: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' } },
    passes(encrypt()),
    passes(decrypt('none')),
  ),
  allowedIf(
    'Allowed by the usage of the key',
    use,
    { StringEquals: { 'kms:KeyUsage': 'SIGN_VERIFY' } },
    isRefused(encrypt()),
  ),
  allowedIf(
    'Allowed by spec, usage and origin of the key',
    use,
    {
      StringEquals: {
        ...{ 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:KeyUsage': 'ENCRYPT_DECRYPT', 'kms:KeyOrigin': 'AWS_KMS' },
        'aws:ResourceAccount': exampleAccount,
      },
      Bool: { 'kms:MultiRegion': 'false' },
    },
    passes(encrypt()),
  ),
  {
    name: 'Allowed by a tag of the key',
    source,
    users: {
      Alice: { policy: [{ ...may(use), Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } } }] },
      Bob: { policy: [{ ...may(use), Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } } }] },
    },
    keys: { [exampleKey]: { tags: { team: 'blue' } } },
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Bob', call: encrypt(), expect: noneAllows('identity-based policy') },
    ],
  },
  {
    name: 'Allowed by an alias of the key',
    source,
    users: {
      Alice: {
        policy: [
          { ...may(use), Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/ExampleAlias' } } },
        ],
      },
      Bob: { policy: [{ ...may(use), Condition: { StringEquals: { 'kms:RequestAlias': 'alias/ExampleAlias' } } }] },
    },
    keys: { [exampleKey]: { alias: 'ExampleAlias' } },
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: encrypt({ KeyId: 'alias/ExampleAlias' }), when: 'by alias', expect: allowed },
      { by: 'Bob', call: encrypt(), expect: noneAllows('identity-based policy') },
      { by: 'Bob', call: encrypt({ KeyId: 'alias/ExampleAlias' }), when: 'by alias', expect: allowed },
    ],
  },
  allowedIf(
    'Allowed onto the same key',
    'kms:ReEncrypt*',
    { Bool: { 'kms:ReEncryptOnSameKey': 'true' } },
    passes(reEncrypt('none')),
  ),
  allowedIf(
    'Grants for services of AWS alone',
    ['kms:CreateGrant', 'kms:ListGrants', 'kms:DescribeKey'],
    { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    isRefused(createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] })),
    isRefused(listGrants()),
    isRefused(describeKey()),
  ),
  allowedIf(
    'Grants of certain operations to certain principals',
    'kms:CreateGrant',
    {
      'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt', 'Decrypt'] },
      StringEquals: { 'kms:GranteePrincipal': userArn('Alice') },
    },
    passes(createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] })),
    isRefused(
      createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt', 'DescribeKey'] }),
      'with another operation',
    ),
    isRefused(
      createGrant({ GranteePrincipal: `arn:aws:iam::${exampleAccount}:root`, Operations: ['Decrypt'] }),
      'to the account',
    ),
  ),
  allowedIf(
    'Grants with a constraint of one type',
    'kms:CreateGrant',
    { StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextSubset' } },
    passes(
      createGrant({
        ...{ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] },
        Constraints: { EncryptionContextSubset: { tenant: 'a' } },
      }),
      'with it',
    ),
    isRefused(createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] }), 'without'),
  ),
]
