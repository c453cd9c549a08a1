import { copyObject, getObject, listObjects, putBucketPolicy, putObject, putObjectAcl } from '../calls.ts'
import { getPublicAccessBlock, putBucketAcl, putPublicAccessBlock } from '../calls-of-buckets.ts'
import { createMultipartUpload } from '../calls-of-uploads.ts'
import { exampleAccount, exampleOtherCanonicalUser } from '../names.ts'
import { accessDenied, allowed, noneAllows } from '../outcomes.ts'
import type { BucketSpec, Outcome, Row, Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, carlos, deny, may } from '../statements.ts'

/*
 * The four flags of the public access block, each alone, on a bucket that is public by its policy (docs/*), by its ACL (listing), and
 * by the ACL of an object (`open`).
 */

const source: Source = 'docs: S3 User Guide, "Blocking public access to your Amazon S3 storage"'
const users = {
  Alice: {},
  Bob: { policy: [may('s3:*')] },
  Erin: { policy: [may('s3:PutObject')] },
  Carlos: { isForeign: true, policy: [may('s3:*')] },
} as const
const docsForAll = { ...allow('*', 's3:GetObject'), Resource: `${bucketArn}/docs/*` }

function publicBucket(block?: BucketSpec['block']) {
  return bucket([docsForAll], {
    ...(block ? { block } : { isOpen: true }),
    ownership: 'ObjectWriter',
    acl: { ACL: 'public-read' },
    objects: [
      { Key: 'docs/a' },
      { Key: 'open', ACL: 'public-read' },
      { Key: 'theirs', GrantRead: `id=${exampleOtherCanonicalUser}` },
    ],
  })
}

/** What is public stays so, or does not. */
function readings(is: { byPolicy: boolean; byAcl: boolean; forCarlos?: { byPolicy: boolean; byAcl: boolean } }): Row[] {
  const { byPolicy, byAcl, forCarlos = { byPolicy, byAcl } } = is
  const answer = (isAllowed: boolean) => (isAllowed ? allowed : accessDenied)
  return [
    { by: 'nobody', call: getObject('docs/a'), expect: answer(byPolicy) },
    { by: 'nobody', call: getObject('open'), expect: answer(byAcl) },
    { by: 'nobody', call: listObjects(), expect: answer(byAcl) },
    { by: 'Carlos', call: getObject('docs/a'), expect: answer(forCarlos.byPolicy) },
    { by: 'Carlos', call: getObject('open'), expect: answer(forCarlos.byAcl) },
    { by: 'Alice', call: getObject('docs/a'), expect: allowed },
    { by: 'Bob', call: getObject('open'), expect: allowed },
  ]
}

function isPrevented(flag: 'BlockPublicAcls' | 'BlockPublicPolicy', action: string, resource: string): Outcome {
  const what = flag === 'BlockPublicAcls' ? 'ACLs' : 'policies'
  return (arn) => ({
    status: 403,
    code: 'AccessDenied',
    message: `User: ${arn} is not authorized to perform: ${action} on resource: "${resource}" because public ${what} are prevented by the ${flag} setting in S3 Block Public Access.`,
  })
}
const isPublicAcl = (key: string) => isPrevented('BlockPublicAcls', 's3:PutObjectAcl', `${bucketArn}/${key}`)
const isPublicPolicy = isPrevented('BlockPublicPolicy', 's3:PutBucketPolicy', bucketArn)

export const publicAccess: Scenario[] = [
  {
    name: 'A public bucket, and nothing is blocked',
    source,
    users,
    buckets: publicBucket(),
    rows: [
      ...readings({ byPolicy: true, byAcl: true }),
      { by: 'Carlos', call: getObject('theirs'), expect: allowed },
      { by: 'Bob', call: putObject('b', { ACL: 'public-read' }), when: 'for everybody', expect: allowed },
    ],
  },
  {
    name: 'A public bucket and BlockPublicAcls',
    source: 'evidence: s3-block-public-acls',
    users,
    buckets: publicBucket('BlockPublicAcls'),
    rows: [
      ...readings({ byPolicy: true, byAcl: true }),
      { by: 'Bob', call: putObject('b', { ACL: 'public-read' }), expect: isPublicAcl('b') },
      {
        by: 'Bob',
        call: putObject('b', { ACL: 'authenticated-read' }),
        when: 'for all who sign',
        expect: isPublicAcl('b'),
      },
      {
        by: 'Bob',
        call: putObject('b', { GrantRead: 'uri=http://acs.amazonaws.com/groups/global/AllUsers' }),
        when: 'with a grant',
        expect: isPublicAcl('b'),
      },
      { by: 'Bob', call: putObjectAcl('open', { ACL: 'public-read' }), expect: isPublicAcl('open') },
      { by: 'Bob', call: copyObject('docs/a', 'b', { ACL: 'public-read' }), expect: isPublicAcl('b') },
      { by: 'Bob', call: createMultipartUpload('b', { ACL: 'public-read' }), expect: isPublicAcl('b') },
      {
        by: 'Bob',
        call: putBucketAcl({ ACL: 'public-read' }),
        expect: isPrevented('BlockPublicAcls', 's3:PutBucketAcl', bucketArn),
      },
      // Who may put no ACL at all hears of the block all the same.
      { by: 'Erin', call: putObject('b', { ACL: 'public-read' }), expect: isPublicAcl('b') },
      {
        by: 'Bob',
        call: putObject('b', { GrantRead: `id=${exampleOtherCanonicalUser}` }),
        when: 'for an account',
        expect: allowed,
      },
      { by: 'Bob', call: putBucketPolicy([allow('*', 's3:GetObject')]), expect: allowed },
    ],
  },
  {
    name: 'A public bucket and IgnorePublicAcls',
    source,
    users,
    buckets: publicBucket('IgnorePublicAcls'),
    rows: [
      ...readings({ byPolicy: true, byAcl: false }),
      { by: 'Carlos', call: getObject('theirs'), expect: allowed },
      { by: 'Bob', call: putObject('b', { ACL: 'public-read' }), expect: allowed },
      { by: 'nobody', call: getObject('b'), expect: accessDenied },
    ],
  },
  {
    name: 'A public bucket and BlockPublicPolicy',
    source: 'evidence: s3-policy-public, s3-block-public-acls',
    users,
    buckets: publicBucket('BlockPublicPolicy'),
    rows: [
      ...readings({ byPolicy: true, byAcl: true }),
      { by: 'Bob', call: putBucketPolicy([allow('*', 's3:GetObject')]), expect: isPublicPolicy },
      {
        by: 'Bob',
        call: putBucketPolicy([
          { ...allow('*', 's3:GetObject'), Condition: { StringLike: { 'aws:Referer': 'https://www.example.com/*' } } },
        ]),
        when: 'with a condition on the Referer',
        expect: isPublicPolicy,
      },
      {
        by: 'Bob',
        call: putBucketPolicy([
          { ...allow('*', 's3:GetObject'), Condition: { StringNotEquals: { 'aws:PrincipalAccount': exampleAccount } } },
        ]),
        when: 'with a negated condition',
        expect: isPublicPolicy,
      },
    ],
  },
  {
    name: 'Policies that are not public, and BlockPublicPolicy',
    source: 'evidence: s3-policy-public',
    users: { Bob: users.Bob },
    buckets: bucket(undefined, { block: 'BlockPublicPolicy' }),
    rows: [
      { by: 'Bob', call: putBucketPolicy([allow(carlos, 's3:GetObject')]), when: 'for a user', expect: allowed },
      { by: 'Bob', call: putBucketPolicy([deny('*', 's3:DeleteObject')]), when: 'of a Deny alone', expect: allowed },
      {
        by: 'Bob',
        call: putBucketPolicy([
          { ...allow('*', 's3:GetObject'), Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } },
        ]),
        when: 'for a network',
        expect: allowed,
      },
      {
        by: 'Bob',
        call: putBucketPolicy([
          { ...allow('*', 's3:GetObject'), Condition: { IpAddress: { 'aws:SourceIp': '11.0.0.0/7' } } },
        ]),
        when: 'for half the Internet',
        expect: isPublicPolicy,
      },
      {
        by: 'Bob',
        call: putBucketPolicy([
          { ...allow('*', 's3:GetObject'), Condition: { StringEquals: { 'aws:PrincipalAccount': exampleAccount } } },
        ]),
        when: 'for an account',
        expect: allowed,
      },
      {
        by: 'Bob',
        call: putBucketPolicy([
          { ...allow('*', 's3:GetObject'), Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } } },
        ]),
        when: 'for a VPC endpoint',
        expect: allowed,
      },
    ],
  },
  {
    name: 'A public bucket and RestrictPublicBuckets',
    source,
    users,
    buckets: publicBucket('RestrictPublicBuckets'),
    rows: [
      ...readings({ byPolicy: false, byAcl: false }),
      {
        by: 'Carlos',
        call: getObject('theirs'),
        expect: accessDenied,
        source: 'docs: S3 User Guide, "Blocking public access to your Amazon S3 storage": all cross-account access',
      },
      { by: 'Bob', call: putBucketPolicy([allow('*', 's3:GetObject')]), expect: allowed },
    ],
  },
  {
    name: 'RestrictPublicBuckets where no policy is public',
    source,
    users,
    buckets: bucket([allow(carlos, 's3:ListBucket')], {
      block: 'RestrictPublicBuckets',
      ownership: 'ObjectWriter',
      objects: [{ Key: 'open', ACL: 'public-read' }],
    }),
    rows: [
      { by: 'nobody', call: getObject('open'), expect: allowed },
      { by: 'Carlos', call: getObject('open'), expect: allowed },
      { by: 'Carlos', call: listObjects(), expect: allowed },
    ],
  },
  {
    name: 'Who may change what is blocked',
    source: 'docs: S3 API Reference, PutPublicAccessBlock',
    users: {
      Alice: { policy: [may('s3:GetBucketPublicAccessBlock')] },
      Bob: { policy: [may('s3:PutBucketPublicAccessBlock')] },
    },
    buckets: bucket([deny(alice, 's3:PutBucketPublicAccessBlock')]),
    rows: [
      { by: 'Alice', call: getPublicAccessBlock(), expect: allowed },
      { by: 'Bob', call: getPublicAccessBlock(), expect: noneAllows('identity-based policy') },
      { by: 'Bob', call: putPublicAccessBlock(), expect: allowed },
    ],
  },
]
