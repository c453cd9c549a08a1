import {
  getObject,
  getObjectAttributes,
  getObjectTagging,
  headObject,
  listObjects,
  putObject,
  putObjectTagging,
  withHeaders,
} from '../calls.ts'
import { createMultipartUpload } from '../calls-of-uploads.ts'
import { exampleAccount } from '../names.ts'
import { accessDenied, allowed, bare, deniedBy, noneAllows } from '../outcomes.ts'
import type { Row, Scenario, Source, Statement } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, deny, may, roleArn } from '../statements.ts'

/*
 * How a request came: over which transport, signed in which way, from where, with which headers and tags
 * (evidence: s3-policy-keys, s3-presigned).
 */

type Condition = Statement['Condition']

const keys: Source = 'evidence: s3-policy-keys'
const globalKeys: Source = 'docs: IAM User Guide, "AWS global condition context keys"'
const noIdentity = noneAllows('identity-based policy')
const denied = deniedBy('resource-based policy')
const get = getObject('a')

function allowedIf(name: string, condition: Condition, source: Source, rows: readonly Omit<Row, 'by'>[]): Scenario {
  const buckets = bucket([{ ...allow(alice, 's3:GetObject'), Condition: condition }])
  return { name, source, users: { Alice: {} }, buckets, rows: rows.map((row) => ({ by: 'Alice', ...row })) }
}

function deniedIf(name: string, condition: Condition, source: Source, rows: readonly Omit<Row, 'by'>[]): Scenario {
  const buckets = bucket([{ ...deny(alice, ['s3:GetObject', 's3:PutObject']), Condition: condition }])
  const users = { Alice: { policy: [may('s3:*')] } }
  return { name, source, users, buckets, rows: rows.map((row) => ({ by: 'Alice', ...row })) }
}

const passes = (call = get): Omit<Row, 'by'> => ({ call, expect: allowed })
const isDenied = (call = get): Omit<Row, 'by'> => ({ call, expect: denied })
const isNotAllowed = (call = get): Omit<Row, 'by'> => ({ call, expect: noIdentity })
const presigned = (row: Omit<Row, 'by'>): Omit<Row, 'by'> => ({ ...row, isPresigned: true })

export const transports: Scenario[] = [
  {
    ...deniedIf('Denied without TLS, which is used', { Bool: { 'aws:SecureTransport': 'false' } }, globalKeys, [
      passes(),
      presigned(passes()),
    ]),
  },
  {
    ...deniedIf('Denied without TLS', { Bool: { 'aws:SecureTransport': 'false' } }, globalKeys, [
      isDenied(),
      presigned(isDenied()),
      isDenied(putObject('b')),
      { call: headObject('a'), expect: bare(403, 'Unknown') },
      { call: listObjects(), expect: allowed },
    ]),
    overPlainHttp: true,
  },
  {
    ...allowedIf('Allowed under TLS', { Bool: { 'aws:SecureTransport': 'true' } }, globalKeys, [isNotAllowed()]),
    overPlainHttp: true,
  },
  {
    ...deniedIf('Denied under TLS before 1.2', { NumericLessThan: { 's3:TlsVersion': '1.2' } }, keys, [passes()]),
    overPlainHttp: true,
  },
  {
    ...deniedIf('Denied where no TLS has a version', { Null: { 's3:TlsVersion': 'true' } }, keys, [isDenied()]),
    overPlainHttp: true,
  },
  {
    name: 'Nobody without TLS',
    source: globalKeys,
    overPlainHttp: true,
    buckets: bucket(
      [
        allow('*', 's3:GetObject'),
        { ...deny('*', 's3:GetObject'), Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
      { isOpen: true },
    ),
    rows: [{ by: 'nobody', call: get, expect: accessDenied }],
  },
]

export const presignedUrls: Scenario[] = [
  {
    name: 'A presigned URL has the rights of who signed it',
    source: 'docs: S3 User Guide, "Download and upload objects with presigned URLs"',
    users: { Alice: { policy: [may('s3:GetObject')] }, Bob: {} },
    roles: { ExampleRole: { policy: [may('s3:*')], session: [may('s3:GetObject')] } },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: get, isPresigned: true, expect: allowed },
      { by: 'Alice', call: putObject('b'), isPresigned: true, expect: noIdentity },
      { by: 'Alice', call: headObject('a'), isPresigned: true, expect: allowed },
      { by: 'Bob', call: get, isPresigned: true, expect: noIdentity },
      { by: 'ExampleRole', call: get, isPresigned: true, expect: allowed },
      { by: 'ExampleRole', call: putObject('b'), isPresigned: true, expect: noneAllows('session policy') },
    ],
  },
  deniedIf('Denied unless signed in a header', { StringNotEquals: { 's3:authType': 'REST-HEADER' } }, keys, [
    passes(),
    presigned(isDenied()),
    presigned(isDenied(putObject('b'))),
  ]),
  allowedIf('Allowed where signed in the query', { StringEquals: { 's3:authType': 'REST-QUERY-STRING' } }, keys, [
    isNotAllowed(),
    presigned(passes()),
  ]),
  deniedIf(
    'Denied to signatures that are older than ten minutes',
    { NumericGreaterThan: { 's3:signatureAge': '600000' } },
    keys,
    [passes(), presigned(passes())],
  ),
  deniedIf('Denied to signatures of any age', { NumericGreaterThanEquals: { 's3:signatureAge': '0' } }, keys, [
    presigned(isDenied()),
  ]),
  {
    name: 'Nobody, where a signature in a header is wanted',
    source: keys,
    buckets: bucket(
      [
        allow('*', 's3:GetObject'),
        { ...deny('*', 's3:GetObject'), Condition: { StringNotEquals: { 's3:authType': 'REST-HEADER' } } },
      ],
      { isOpen: true },
    ),
    rows: [{ by: 'nobody', call: get, expect: accessDenied }],
  },
]

const fromExample = (call = get) => withHeaders({ referer: 'https://www.example.com/page' }, call)
const fromElsewhere = (call = get) => withHeaders({ referer: 'https://example.net/' }, call)

export const origins: Scenario[] = [
  allowedIf(
    'Allowed from pages of one site',
    { StringLike: { 'aws:Referer': 'https://www.example.com/*' } },
    globalKeys,
    [passes(fromExample()), isNotAllowed(fromElsewhere()), isNotAllowed()],
  ),
  deniedIf(
    'Denied but from pages of one site',
    { StringNotLike: { 'aws:Referer': 'https://www.example.com/*' } },
    globalKeys,
    [passes(fromExample()), isDenied(fromElsewhere()), isDenied()],
  ),
  {
    name: 'Everybody from pages of one site',
    source: globalKeys,
    buckets: bucket(
      [{ ...allow('*', 's3:GetObject'), Condition: { StringLike: { 'aws:Referer': 'https://www.example.com/*' } } }],
      { isOpen: true },
    ),
    rows: [
      { by: 'nobody', call: fromExample(), expect: allowed },
      { by: 'nobody', call: fromElsewhere(), expect: accessDenied },
      { by: 'nobody', call: get, expect: accessDenied },
    ],
  },
  allowedIf('Allowed from one network', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, globalKeys, [
    isNotAllowed(),
  ]),
  deniedIf('Denied from everywhere', { IpAddress: { 'aws:SourceIp': ['0.0.0.0/0', '::/0'] } }, globalKeys, [
    isDenied(),
  ]),
  allowedIf('Allowed from one VPC', { StringEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' } }, globalKeys, [
    isNotAllowed(),
  ]),
  deniedIf('Denied but from one VPC', { StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' } }, globalKeys, [
    isDenied(),
  ]),
  deniedIf(
    'Denied from a VPC, if from one',
    { StringNotEqualsIfExists: { 'aws:VpcSourceIp': '10.0.0.1' } },
    globalKeys,
    [isDenied()],
  ),
  allowedIf(
    'Allowed on behalf of one topic',
    { ArnLike: { 'aws:SourceArn': `arn:aws:sns:us-east-1:${exampleAccount}:*` } },
    globalKeys,
    [isNotAllowed()],
  ),
]

export const callers: Scenario[] = [
  allowedIf('Allowed to users', { StringEquals: { 'aws:PrincipalType': 'User' } }, globalKeys, [passes()]),
  allowedIf('Allowed to sessions', { StringEquals: { 'aws:PrincipalType': 'AssumedRole' } }, globalKeys, [
    isNotAllowed(),
  ]),
  allowedIf('Allowed to ids of users', { StringLike: { 'aws:userid': 'AIDA*' } }, globalKeys, [passes()]),
  deniedIf('Denied but to services', { Bool: { 'aws:PrincipalIsAWSService': 'false' } }, globalKeys, [isDenied()]),
  deniedIf('Denied without temporary credentials', { Null: { 'aws:TokenIssueTime': 'true' } }, globalKeys, [
    isDenied(),
  ]),
  {
    name: 'Allowed by a tag of the session',
    source: 'docs: IAM User Guide, "Pass session tags in AWS STS": a session tag overrides the tag of its role',
    roles: {
      ExampleRole: { tags: { team: 'red' }, sessionTags: { team: 'blue' } },
      OtherRole: { tags: { team: 'red' } },
    },
    buckets: bucket([
      {
        ...allow({ AWS: [roleArn('ExampleRole'), roleArn('OtherRole')] }, 's3:GetObject'),
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
      },
    ]),
    rows: [
      { by: 'ExampleRole', call: get, expect: allowed },
      { by: 'OtherRole', call: get, expect: noIdentity },
    ],
  },
  {
    name: 'A tag of the caller as a variable',
    source: 'docs: IAM User Guide, "IAM policy elements: Variables and tags"',
    users: {
      Alice: { tags: { team: 'blue' }, policy: [may('s3:GetObject', `${bucketArn}/\${aws:PrincipalTag/team}/*`)] },
      Bob: { policy: [may('s3:GetObject', `${bucketArn}/\${aws:PrincipalTag/team}/*`)] },
    },
    buckets: bucket(undefined, { objects: [{ Key: 'blue/a' }, { Key: 'red/a' }] }),
    rows: [
      { by: 'Alice', call: getObject('blue/a'), expect: allowed },
      { by: 'Alice', call: getObject('red/a'), expect: noIdentity },
      { by: 'Bob', call: getObject('blue/a'), expect: noIdentity },
    ],
  },
]

const published = { StringEquals: { 's3:ExistingObjectTag/state': 'published' } }

export const tags: Scenario[] = [
  {
    name: 'Tags of the object, call by call',
    source: keys,
    users: { Alice: {} },
    buckets: bucket(
      [
        {
          ...allow(alice, ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging', 's3:GetObjectAttributes']),
          Condition: published,
        },
      ],
      {
        objects: [
          { Key: 'a', Tagging: 'state=published' },
          { Key: 'b', Tagging: 'state=draft' },
        ],
      },
    ),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: headObject('a'), expect: allowed },
      { by: 'Alice', call: getObjectTagging('a'), expect: allowed },
      { by: 'Alice', call: putObjectTagging('a', { state: 'published' }), expect: allowed },
      {
        by: 'Alice',
        call: getObjectAttributes('a'),
        // The key is taken in policies about it, and is never there.
        expect: noneAllows('identity-based policy', 's3:GetObject'),
        source: 'assumed: of its two permissions s3:GetObject is asked first',
      },
      { by: 'Alice', call: headObject('b'), expect: bare(403, 'Unknown') },
      { by: 'Alice', call: getObjectTagging('b'), expect: noIdentity },
      { by: 'Alice', call: putObjectTagging('b', { state: 'published' }), expect: noIdentity },
    ],
  },
  {
    name: 'Denied by a tag of the object',
    source: keys,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket(
      [
        {
          ...deny(alice, 's3:GetObject'),
          Condition: { StringNotEquals: { 's3:ExistingObjectTag/state': 'published' } },
        },
      ],
      { objects: [{ Key: 'a', Tagging: 'state=published' }, { Key: 'b', Tagging: 'state=draft' }, { Key: 'c' }] },
    ),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: getObject('b'), expect: denied },
      { by: 'Alice', call: getObject('c'), expect: denied },
    ],
  },
  {
    name: 'Tags that PutObjectTagging gives',
    source: keys,
    users: { Alice: {} },
    buckets: bucket([
      {
        ...allow(alice, 's3:PutObjectTagging'),
        Condition: { 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team'] } },
      },
    ]),
    rows: [
      { by: 'Alice', call: putObjectTagging('a', { team: 'blue' }), expect: allowed },
      {
        by: 'Alice',
        call: putObjectTagging('a', { team: 'blue', cost: '1' }),
        when: 'with another key',
        expect: noIdentity,
      },
    ],
  },
  {
    name: 'Tags of a bucket',
    source: 'evidence: s3-abac',
    users: { Alice: {} },
    buckets: bucket(
      [{ ...allow(alice, 's3:GetObject'), Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } } }],
      { tags: { team: 'blue' } },
    ),
    rows: [{ by: 'Alice', call: get, expect: noIdentity }],
  },
  {
    name: 'Tags of a bucket with ABAC on',
    source: 'evidence: s3-abac',
    users: {
      Alice: { policy: [{ ...may('s3:*'), Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } } }] },
      Bob: { policy: [{ ...may('s3:*'), Condition: { StringEquals: { 's3:BucketTag/team': 'red' } } }] },
    },
    buckets: bucket(undefined, { tags: { team: 'blue' }, hasAbac: true }),
    rows: [
      { by: 'Alice', call: get, expect: allowed },
      { by: 'Alice', call: listObjects(), expect: allowed },
      { by: 'Bob', call: get, expect: noIdentity },
    ],
  },
  {
    name: 'Writes must be conditional',
    source: keys,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket([
      {
        ...deny(alice, 's3:PutObject'),
        Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
      },
    ]),
    rows: [
      { by: 'Alice', call: putObject('b'), expect: denied },
      { by: 'Alice', call: createMultipartUpload('b'), expect: allowed },
      {
        by: 'Alice',
        call: putObject('c', { IfNoneMatch: '*' }),
        expect: allowed,
        emulatorAlone: 'it is new only once',
      },
    ],
  },
]
