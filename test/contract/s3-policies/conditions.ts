import { copyObject, deleteObject, getObject, listObjects, putObject } from '../calls.ts'
import { exampleAccount, exampleBucket, exampleKey, exampleSecondKey, keyArn } from '../names.ts'
import { allowed, deniedBy, noneAllows } from '../outcomes.ts'
import type { KeySpec, Row, Scenario, Source, Statement } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, deny, may, roleArn, userArn, wholeAccount } from '../statements.ts'

/*
 * Conditions: of the request, of the caller, of what is touched; present, absent, negated, of sets
 * (evidence: s3-policy-keys, sse-policy-keys, s3-copy-source-key, s3-key-alias).
 */

const source: Source = 'evidence: s3-policy-keys'

type Condition = Statement['Condition']

const noIdentity = noneAllows('identity-based policy')
const denied = deniedBy('resource-based policy')

/** Alice, whom nothing but the bucket policy's Allow under this condition lets in. */
function allowedIf(name: string, action: string, condition: Condition, ...rows: readonly Omit<Row, 'by'>[]): Scenario {
  return {
    name,
    source,
    users: { Alice: {} },
    buckets: bucket([{ ...allow(alice, action), Condition: condition }]),
    rows: rows.map((row) => ({ by: 'Alice', ...row })),
  }
}

/** Alice, who may everything but what a Deny under this condition keeps from her. */
function deniedIf(name: string, action: string, condition: Condition, ...rows: readonly Omit<Row, 'by'>[]): Scenario {
  return {
    name,
    source,
    users: { Alice: { policy: [may(['s3:*', 'kms:*'])] } },
    buckets: bucket([{ ...deny(alice, action), Condition: condition }]),
    rows: rows.map((row) => ({ by: 'Alice', ...row })),
  }
}

const passes = (call: Row['call'], when?: string) => ({ call, when, expect: allowed })
const isDenied = (call: Row['call'], when?: string) => ({ call, when, expect: denied })
const isNotAllowed = (call: Row['call'], when?: string) => ({ call, when, expect: noIdentity })

const get = getObject('a')
const kms = (SSEKMSKeyId?: string) => ({ ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId })
const keys: Record<string, KeySpec> = { [exampleKey]: {}, [exampleSecondKey]: {} }

export const conditions: Scenario[] = [
  deniedIf('Denied without TLS', 's3:GetObject', { Bool: { 'aws:SecureTransport': 'false' } }, passes(get)),
  deniedIf('Denied under TLS', 's3:GetObject', { Bool: { 'aws:SecureTransport': 'true' } }, isDenied(get)),
  deniedIf('Denied under old TLS', 's3:GetObject', { NumericLessThan: { 's3:TlsVersion': '1.2' } }, passes(get)),
  allowedIf(
    'Allowed to list one prefix',
    's3:ListBucket',
    { StringEquals: { 's3:prefix': ['', 'docs/'] } },
    passes(listObjects({ Prefix: 'docs/' })),
    passes(listObjects({ Prefix: '' })),
    isNotAllowed(listObjects({ Prefix: 'docs/a' })),
    isNotAllowed(listObjects()),
  ),
  allowedIf(
    'Allowed to list below a prefix, or without one',
    's3:ListBucket',
    { StringLikeIfExists: { 's3:prefix': 'docs/*' } },
    passes(listObjects({ Prefix: 'docs/a' })),
    passes(listObjects()),
    isNotAllowed(listObjects({ Prefix: 'other' })),
  ),
  allowedIf(
    'Allowed to list few keys by a delimiter',
    's3:ListBucket',
    { NumericLessThanEquals: { 's3:max-keys': '10' }, StringEquals: { 's3:delimiter': '/' } },
    passes(listObjects({ MaxKeys: 10, Delimiter: '/' })),
    isNotAllowed(listObjects({ MaxKeys: 11, Delimiter: '/' })),
    isNotAllowed(listObjects({ Delimiter: '/' })),
    isNotAllowed(listObjects({ MaxKeys: 10 })),
  ),
  {
    ...deniedIf(
      'Denied unless SSE-KMS is asked for',
      's3:PutObject',
      { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
      isDenied(putObject('b')),
      isDenied(putObject('b', { ServerSideEncryption: 'AES256' }), 'under AES256'),
      passes(putObject('b', kms(keyArn())), 'under a key'),
    ),
    keys,
  },
  deniedIf(
    'Denied where AES256 is asked for, not where it is the default',
    's3:PutObject',
    { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } },
    isDenied(putObject('b', { ServerSideEncryption: 'AES256' }), 'under AES256'),
    passes(putObject('b')),
  ),
  deniedIf(
    'Denied where no encryption is asked for',
    's3:PutObject',
    { Null: { 's3:x-amz-server-side-encryption': 'true' } },
    isDenied(putObject('b')),
    passes(putObject('b', { ServerSideEncryption: 'AES256' }), 'under AES256'),
  ),
  {
    ...deniedIf(
      'Denied under another key',
      's3:PutObject',
      { StringNotEqualsIfExists: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn() } },
      passes(putObject('b', kms(keyArn())), 'under the key'),
      passes(putObject('b', kms(exampleKey)), 'under the key by its id'),
      isDenied(putObject('b', kms(keyArn(exampleSecondKey))), 'under the second key'),
      // A negated operator is met where the key is absent, IfExists or not.
      isDenied(putObject('b'), 'without a key'),
    ),
    keys,
  },
  allowedIf(
    'Allowed where the caller is named by aws:PrincipalArn',
    's3:GetObject',
    { ArnEquals: { 'aws:PrincipalArn': userArn('Alice') } },
    passes(get),
  ),
  {
    name: 'A session is its role to aws:PrincipalArn',
    source,
    roles: { ExampleRole: {} },
    buckets: bucket([
      { ...allow(wholeAccount, 's3:ListBucket') },
      {
        ...allow({ AWS: roleArn('ExampleRole') }, 's3:GetObject'),
        Condition: { ArnEquals: { 'aws:PrincipalArn': roleArn('ExampleRole') } },
      },
      {
        ...allow({ AWS: roleArn('ExampleRole') }, 's3:PutObject'),
        Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:sts::${exampleAccount}:assumed-role/*` } },
      },
    ]),
    rows: [
      { by: 'ExampleRole', call: get, expect: allowed },
      { by: 'ExampleRole', call: putObject('b'), expect: noIdentity },
    ],
  },
  allowedIf(
    'Allowed to the account of the bucket',
    's3:GetObject',
    {
      StringEquals: {
        'aws:PrincipalAccount': exampleAccount,
        'aws:ResourceAccount': exampleAccount,
        's3:ResourceAccount': exampleAccount,
      },
    },
    passes(get),
  ),
  allowedIf(
    'Allowed to members of an organization',
    's3:GetObject',
    { StringEquals: { 'aws:PrincipalOrgID': 'o-aa111bb222' } },
    isNotAllowed(get),
  ),
  {
    name: 'Allowed by a tag of the caller',
    source,
    users: { Alice: { tags: { team: 'blue' } }, Bob: { tags: { team: 'red' } } },
    buckets: bucket([
      {
        ...allow({ AWS: [userArn('Alice'), userArn('Bob')] }, 's3:GetObject'),
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
      },
    ]),
    rows: [
      { by: 'Alice', call: get, expect: allowed },
      { by: 'Bob', call: get, expect: noIdentity },
    ],
  },
  {
    name: 'Allowed by tags of the object',
    source,
    users: { Alice: {} },
    buckets: bucket(
      [{ ...allow(alice, 's3:GetObject'), Condition: { StringEquals: { 's3:ExistingObjectTag/state': 'published' } } }],
      { objects: [{ Key: 'a', Tagging: 'state=published' }, { Key: 'b', Tagging: 'state=draft' }, { Key: 'c' }] },
    ),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: getObject('b'), expect: noIdentity },
      { by: 'Alice', call: getObject('c'), expect: noIdentity },
    ],
  },
  {
    name: 'Allowed with certain tags in the request',
    source,
    users: { Alice: {} },
    buckets: bucket([
      {
        ...allow(alice, ['s3:PutObject', 's3:PutObjectTagging']),
        Condition: {
          StringEquals: { 's3:RequestObjectTag/team': 'blue' },
          'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team', 'state'] },
        },
      },
    ]),
    rows: [
      { by: 'Alice', call: putObject('b', { Tagging: 'team=blue' }), expect: allowed },
      { by: 'Alice', call: putObject('b', { Tagging: 'team=blue&state=x' }), when: 'with both tags', expect: allowed },
      { by: 'Alice', call: putObject('b', { Tagging: 'team=red' }), when: 'with another value', expect: noIdentity },
      {
        by: 'Alice',
        call: putObject('b', { Tagging: 'team=blue&cost=1' }),
        when: 'with another key',
        expect: noIdentity,
      },
      { by: 'Alice', call: putObject('b'), when: 'without tags', expect: noIdentity },
    ],
  },
  allowedIf('Allowed from everywhere', 's3:GetObject', { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, passes(get)),
  deniedIf(
    'Denied but from one network',
    's3:GetObject',
    { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    isDenied(get),
  ),
  allowedIf(
    'Allowed until 2020',
    's3:GetObject',
    { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
    isNotAllowed(get),
  ),
  allowedIf(
    'Allowed since 2020',
    's3:GetObject',
    { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
    passes(get),
  ),
  deniedIf(
    'Denied without MFA',
    's3:DeleteObject',
    { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    isDenied(deleteObject('a')),
    passes(get),
  ),
  deniedIf(
    'Denied where a session says it has no MFA',
    's3:GetObject',
    { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
    passes(get),
  ),
  deniedIf(
    'Denied through no VPC endpoint',
    's3:GetObject',
    { StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } },
    isDenied(get),
  ),
  deniedIf(
    'Denied but to requests signed in a header',
    's3:GetObject',
    { StringNotEquals: { 's3:authType': 'REST-HEADER' } },
    passes(get),
  ),
  deniedIf(
    'Denied to other versions of signatures',
    's3:GetObject',
    { StringNotEquals: { 's3:signatureversion': 'AWS4-HMAC-SHA256' } },
    passes(get),
  ),
  deniedIf('Denied in the name of a service', 's3:GetObject', { Bool: { 'aws:ViaAWSService': 'true' } }, passes(get)),
  allowedIf(
    'Allowed in one Region',
    's3:GetObject',
    { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
    passes(get),
  ),
  allowedIf(
    'Allowed in one storage class',
    's3:PutObject',
    { StringEquals: { 's3:x-amz-storage-class': 'STANDARD_IA' } },
    passes(putObject('b', { StorageClass: 'STANDARD_IA' })),
    isNotAllowed(putObject('b'), 'without a class'),
  ),
  {
    ...allowedIf('Allowed to write what is new', 's3:PutObject', { Null: { 's3:if-none-match': 'false' } }),
    rows: [
      {
        by: 'Alice',
        call: putObject('new', { IfNoneMatch: '*' }),
        expect: allowed,
        emulatorAlone: 'it is new only once',
      },
      { by: 'Alice', call: putObject('b'), expect: noIdentity },
    ],
  },
  {
    name: 'Allowed to copy from one prefix',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket(
      [
        {
          ...deny(alice, 's3:PutObject'),
          Resource: `${bucketArn}/*`,
          Condition: {
            StringNotLike: { 's3:x-amz-copy-source': `${exampleBucket}/public/*` },
            Null: { 's3:x-amz-copy-source': 'false' },
          },
        },
      ],
      { objects: [{ Key: 'public/a' }, { Key: 'private/a' }] },
    ),
    rows: [
      { by: 'Alice', call: copyObject('public/a', 'b'), expect: allowed },
      { by: 'Alice', call: copyObject('private/a', 'b'), expect: denied },
      { by: 'Alice', call: putObject('b'), expect: allowed },
    ],
  },
  {
    name: 'Several operators and several values',
    source,
    users: { Alice: {} },
    buckets: bucket([
      {
        ...allow(alice, 's3:ListBucket'),
        Condition: {
          StringLike: { 's3:prefix': ['a*', 'b?'] },
          StringNotEquals: { 's3:prefix': ['ab', 'bb'] },
        },
      },
    ]),
    rows: [
      { by: 'Alice', call: listObjects({ Prefix: 'a' }), expect: allowed },
      { by: 'Alice', call: listObjects({ Prefix: 'ba' }), expect: allowed },
      { by: 'Alice', call: listObjects({ Prefix: 'b' }), expect: noIdentity },
      { by: 'Alice', call: listObjects({ Prefix: 'ab' }), expect: noIdentity },
      { by: 'Alice', call: listObjects({ Prefix: 'bb' }), expect: noIdentity },
      { by: 'Alice', call: listObjects({ Prefix: 'A' }), expect: noIdentity },
    ],
  },
]
