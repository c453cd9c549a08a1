import {
  copyObject,
  deleteObject,
  getObject,
  getObjectTagging,
  headObject,
  listObjects,
  putBucketPolicy,
  putObject,
} from '../calls.ts'
import { exampleAccount, sessionName } from '../names.ts'
import { allowed, bare, deniedBy, noneAllows } from '../outcomes.ts'
import type { Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, deny, may, mayNot, roleArn, userArn, wholeAccount } from '../statements.ts'

/*
 * Principals of the bucket's own account: an identity policy or the bucket's policy lets them in, a Deny of any keeps them out
 * (evidence: s3-who-may, s3-denied, policy-direct-names, policy-arn-in-denials, policy-not-principal).
 */

const source: Source = 'evidence: s3-who-may, s3-denied'

const noIdentity = noneAllows('identity-based policy')
const deniedByBucket = deniedBy('resource-based policy')
const allObjects = `${bucketArn}/*`
const sessionArn = `arn:aws:sts::${exampleAccount}:assumed-role/ExampleRole/${sessionName}`

export const ownAccount: Scenario[] = [
  {
    name: 'A user without policies may nothing',
    source,
    users: { Alice: {} },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: noIdentity },
      { by: 'Alice', call: headObject('a'), expect: bare(403, 'Unknown') },
      { by: 'Alice', call: putObject('b'), expect: noIdentity },
      { by: 'Alice', call: deleteObject('a'), expect: noIdentity },
      { by: 'Alice', call: listObjects(), expect: noIdentity },
      { by: 'Alice', call: getObjectTagging('a'), expect: noIdentity },
      {
        by: 'Alice',
        call: copyObject('a', 'b'),
        expect: noIdentity,
        source: 'assumed: the target is asked before the source',
      },
    ],
  },
  {
    name: 'A role without policies may nothing',
    source,
    roles: { ExampleRole: {} },
    buckets: bucket(),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: noIdentity },
      { by: 'ExampleRole', call: listObjects(), expect: noIdentity },
    ],
  },
  {
    name: 'An identity policy on a prefix',
    source,
    users: { Alice: { policy: [may(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], `${bucketArn}/docs/*`)] } },
    buckets: bucket(undefined, { objects: [{ Key: 'a' }, { Key: 'docs/a' }] }),
    rows: [
      { by: 'Alice', call: getObject('docs/a'), expect: allowed },
      { by: 'Alice', call: headObject('docs/a'), expect: allowed },
      { by: 'Alice', call: putObject('docs/b'), expect: allowed },
      { by: 'Alice', call: copyObject('docs/a', 'docs/c'), expect: allowed },
      { by: 'Alice', call: deleteObject('docs/b'), expect: allowed },
      { by: 'Alice', call: deleteObject('docs/never-there'), expect: allowed },
      { by: 'Alice', call: getObject('a'), expect: noIdentity },
      { by: 'Alice', call: getObject('docs'), expect: noIdentity },
      { by: 'Alice', call: copyObject('docs/a', 'b'), expect: noIdentity },
    ],
  },
  {
    name: 'The bucket policy names the user',
    source,
    users: { Alice: {}, Bob: {} },
    buckets: bucket([allow(alice, ['s3:GetObject', 's3:ListBucket'])]),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: listObjects(), expect: allowed },
      { by: 'Alice', call: putObject('b'), expect: noIdentity },
      { by: 'Bob', call: getObject('a'), expect: noIdentity },
    ],
  },
  {
    name: 'The bucket policy leaves it to the account',
    source: 'evidence: s3-who-may',
    users: { Alice: {}, Bob: { policy: [may('s3:GetObject')] } },
    buckets: bucket([allow(wholeAccount, 's3:*')]),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: noIdentity },
      { by: 'Bob', call: getObject('a'), expect: allowed },
    ],
  },
  {
    name: 'The bucket policy allows everybody',
    source,
    users: { Alice: {} },
    buckets: bucket([allow('*', 's3:GetObject')], { isOpen: true }),
    rows: [{ by: 'Alice', call: getObject('a'), expect: allowed }],
  },
  {
    name: 'The bucket policy denies what the identity policy allows',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket([deny(alice, ['s3:GetObject', 's3:ListBucket'])]),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: deniedByBucket },
      { by: 'Alice', call: headObject('a'), expect: bare(403, 'Unknown') },
      { by: 'Alice', call: listObjects(), expect: deniedByBucket },
      { by: 'Alice', call: putObject('b'), expect: allowed },
    ],
  },
  {
    name: 'A Deny and an Allow in one bucket policy',
    source,
    users: { Alice: {} },
    buckets: bucket([allow(alice, 's3:*'), deny(alice, 's3:DeleteObject')]),
    rows: [
      { by: 'Alice', call: deleteObject('a'), expect: deniedByBucket },
      { by: 'Alice', call: getObject('a'), expect: allowed },
    ],
  },
  {
    name: 'An identity policy denies what the bucket policy allows',
    source,
    users: { Alice: { policy: [mayNot('s3:GetObject')] } },
    buckets: bucket([allow(alice, 's3:*')]),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: deniedBy('identity-based policy') },
      { by: 'Alice', call: putObject('b'), expect: allowed },
    ],
  },
  {
    name: 'A managed policy allows and denies',
    source: 'evidence: policy-arn-in-denials',
    users: { Alice: { managed: [may('s3:*'), mayNot('s3:PutObject')] } },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      {
        by: 'Alice',
        call: putObject('b'),
        expect: deniedBy('identity-based policy', `arn:aws:iam::${exampleAccount}:policy/AlicePolicy`),
      },
    ],
  },
  {
    name: 'A permissions boundary narrows a user',
    source: 'evidence: policy-arn-in-denials, s3-denied',
    users: { Alice: { policy: [may('s3:*')], boundary: [may('s3:GetObject'), mayNot('s3:DeleteObject')] } },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: putObject('b'), expect: noneAllows('permissions boundary') },
      {
        by: 'Alice',
        call: deleteObject('a'),
        expect: deniedBy('permissions boundary', `arn:aws:iam::${exampleAccount}:policy/AliceBoundary`),
      },
    ],
  },
  {
    name: 'A bucket policy that names the user passes its boundary',
    source: 'evidence: policy-direct-names',
    users: { Alice: { boundary: [may('s3:GetObject')] } },
    buckets: bucket([allow(alice, 's3:PutObject')]),
    rows: [{ by: 'Alice', call: putObject('b'), expect: allowed }],
  },
  {
    name: 'A bucket policy that names the role does not pass its boundary',
    source: 'evidence: policy-direct-names',
    roles: { ExampleRole: { boundary: [may('s3:GetObject')] } },
    buckets: bucket([allow({ AWS: roleArn('ExampleRole') }, ['s3:PutObject', 's3:GetObject'])]),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: allowed },
      { by: 'ExampleRole', call: putObject('b'), expect: noneAllows('permissions boundary') },
    ],
  },
  {
    name: 'A session policy narrows a role',
    source: 'evidence: s3-denied',
    roles: { ExampleRole: { policy: [may('s3:*')], session: [may('s3:GetObject'), mayNot('s3:DeleteObject')] } },
    buckets: bucket(),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: allowed },
      { by: 'ExampleRole', call: putObject('b'), expect: noneAllows('session policy') },
      { by: 'ExampleRole', call: deleteObject('a'), expect: deniedBy('session policy') },
    ],
  },
  {
    name: 'A session policy gives nothing that its role has not',
    source,
    roles: { ExampleRole: { policy: [may('s3:GetObject')], session: [may('s3:*')] } },
    buckets: bucket(),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: allowed },
      { by: 'ExampleRole', call: putObject('b'), expect: noIdentity },
    ],
  },
  {
    name: 'A bucket policy that names the role does not pass the session policy',
    source: 'evidence: policy-direct-names',
    roles: { ExampleRole: { session: [may('s3:GetObject')] } },
    buckets: bucket([allow({ AWS: roleArn('ExampleRole') }, ['s3:PutObject', 's3:GetObject'])]),
    rows: [
      { by: 'ExampleRole', call: getObject('a'), expect: allowed },
      { by: 'ExampleRole', call: putObject('b'), expect: noneAllows('session policy') },
    ],
  },
  {
    name: 'A bucket policy that names the session passes the session policy',
    source: 'evidence: policy-direct-names',
    roles: { ExampleRole: { session: [may('s3:GetObject')] } },
    buckets: bucket([allow({ AWS: sessionArn }, ['s3:PutObject'])]),
    rows: [{ by: 'ExampleRole', call: putObject('b'), expect: allowed }],
  },
  {
    name: 'NotAction',
    source: 'docs: IAM User Guide, "IAM JSON policy elements: NotAction"',
    users: {
      Alice: { policy: [{ Effect: 'Allow', NotAction: ['s3:DeleteObject', 'iam:*'], Resource: '*' }] },
      Bob: { policy: [may('s3:*'), { Effect: 'Deny', NotAction: 's3:GetObject', Resource: '*' }] },
    },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: deleteObject('a'), expect: noIdentity },
      { by: 'Bob', call: getObject('a'), expect: allowed },
      { by: 'Bob', call: putObject('b'), expect: deniedBy('identity-based policy') },
    ],
  },
  {
    name: 'NotResource',
    source: 'docs: IAM User Guide, "IAM JSON policy elements: NotResource"',
    users: { Alice: { policy: [{ Effect: 'Allow', Action: 's3:GetObject', NotResource: `${bucketArn}/secret/*` }] } },
    buckets: bucket(undefined, { objects: [{ Key: 'a' }, { Key: 'secret/a' }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: getObject('secret/a'), expect: noIdentity },
    ],
  },
  {
    name: 'NotPrincipal with a Deny spares whom it names',
    source: 'evidence: policy-not-principal',
    users: { Alice: { policy: [may('s3:GetObject')] }, Bob: { policy: [may('s3:GetObject')] } },
    buckets: bucket([
      {
        Effect: 'Deny',
        NotPrincipal: { AWS: [userArn('Alice'), ...Object.values(wholeAccount)] },
        Action: 's3:GetObject',
      },
    ]),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Bob', call: getObject('a'), expect: deniedByBucket },
    ],
  },
  {
    name: 'Patterns of actions and resources',
    source: 'docs: IAM User Guide, "IAM JSON policy elements: Action", "… Resource"',
    users: {
      Alice: { policy: [may('s3:get*', `${bucketArn}/?`), may('S3:PUTOBJECT', `${bucketArn}/*/b`)] },
      Bob: { policy: [may('*', allObjects)] },
    },
    buckets: bucket(undefined, { objects: [{ Key: 'a' }, { Key: 'ab' }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: getObjectTagging('a'), expect: allowed },
      { by: 'Alice', call: getObject('ab'), expect: noIdentity },
      { by: 'Alice', call: putObject('x/y/b'), expect: allowed },
      { by: 'Alice', call: putObject('b'), expect: noIdentity },
      { by: 'Bob', call: getObject('a'), expect: allowed },
      { by: 'Bob', call: listObjects(), expect: noIdentity },
    ],
  },
  {
    name: 'The name of the user as a variable',
    source: 'docs: IAM User Guide, "IAM policy elements: Variables and tags"',
    users: { Alice: { policy: [may('s3:GetObject', `${bucketArn}/home/\${aws:username}/*`)] }, Bob: {} },
    buckets: bucket(undefined, { objects: [{ Key: 'home/Alice/a' }, { Key: 'home/Bob/a' }] }),
    rows: [
      { by: 'Alice', call: getObject('home/Alice/a'), expect: allowed },
      { by: 'Alice', call: getObject('home/Bob/a'), expect: noIdentity },
    ],
  },
  {
    name: 'A write that asks for more than to write',
    source: 'docs: S3 User Guide, "Required permissions for Amazon S3 API operations"',
    users: { Alice: { policy: [may('s3:PutObject')] } },
    buckets: bucket(),
    rows: [
      { by: 'Alice', call: putObject('b'), expect: allowed },
      {
        by: 'Alice',
        call: putObject('b', { Tagging: 'team=a' }),
        when: 'with tags',
        expect: noneAllows('identity-based policy', 's3:PutObjectTagging'),
      },
      {
        by: 'Alice',
        call: putObject('b', { ACL: 'bucket-owner-full-control' }),
        when: 'with an ACL',
        expect: noneAllows('identity-based policy', 's3:PutObjectAcl'),
      },
      {
        by: 'Alice',
        call: putObject('a', { IfMatch: '"1cb251ec0d568de6a929b520c4aed8d1"' }),
        when: 'if it matches',
        expect: noneAllows('identity-based policy', 's3:GetObject'),
      },
      {
        by: 'Alice',
        call: copyObject('a', 'b'),
        expect: noneAllows('identity-based policy', 's3:GetObject', `${bucketArn}/a`),
      },
    ],
  },
  {
    name: 'A public policy where they are blocked',
    source: 'evidence: s3-block-public-acls',
    users: { Alice: { policy: [may('s3:PutBucketPolicy')] } },
    buckets: bucket(),
    rows: [
      {
        by: 'Alice',
        call: putBucketPolicy([allow('*', 's3:GetObject')]),
        expect: (arn) => ({
          status: 403,
          code: 'AccessDenied',
          message: `User: ${arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
        }),
      },
    ],
  },
]
