import { deleteObject, getBucketPolicy, getObject, headObject, listObjects, putObject, putObjectAcl } from '../calls.ts'
import { exampleBucket } from '../names.ts'
import { accessDenied, allowed, bare, fails, noneAllows } from '../outcomes.ts'
import type { Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, carlos, deny, may, otherAccount } from '../statements.ts'

/*
 * Other accounts need both sides, nobody the bucket's alone; what is public can be blocked. They hear `Access Denied` and no more
 * (evidence: s3-who-may, s3-denied, s3-block-public-acls, s3-owners-own).
 */

const source: Source = 'evidence: s3-who-may, s3-denied'

const reader = { policy: [may(['s3:GetObject', 's3:ListBucket', 's3:PutObject'])] }

export const otherAccounts: Scenario[] = [
  {
    name: 'A user of another account and a bucket without policy',
    source,
    users: { Carlos: { isForeign: true, ...reader } },
    buckets: bucket(),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: headObject('a'), expect: bare(403, 'Unknown') },
      { by: 'Carlos', call: listObjects(), expect: accessDenied },
      { by: 'Carlos', call: deleteObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'A user of another account that the bucket policy lets in',
    source,
    users: { Carlos: { isForeign: true, ...reader } },
    buckets: bucket([allow(otherAccount, ['s3:GetObject', 's3:DeleteObject'])]),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      { by: 'Carlos', call: putObject('b'), expect: accessDenied },
      { by: 'Carlos', call: deleteObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'A user of another account that only the bucket policy lets in',
    source,
    users: { Carlos: { isForeign: true } },
    buckets: bucket([allow(carlos, 's3:GetObject')]),
    rows: [{ by: 'Carlos', call: getObject('a'), expect: accessDenied }],
  },
  {
    name: 'A user of another account that the bucket policy names',
    source,
    users: { Carlos: { isForeign: true, ...reader }, Alice: {} },
    buckets: bucket([allow(carlos, ['s3:GetObject', 's3:ListBucket'])]),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      { by: 'Carlos', call: listObjects(), expect: allowed },
      { by: 'Alice', call: getObject('a'), expect: noneAllows('identity-based policy') },
    ],
  },
  {
    name: 'A user of another account that the bucket policy denies',
    source,
    users: { Carlos: { isForeign: true, ...reader } },
    buckets: bucket([allow(otherAccount, 's3:*'), deny(carlos, 's3:GetObject')]),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: putObject('b'), expect: allowed },
    ],
  },
  {
    name: 'The bucket policy seen by another account',
    source: 'docs: S3 API Reference, GetBucketPolicy',
    users: {
      Carlos: { isForeign: true, policy: [may('s3:GetBucketPolicy')] },
      David: { isForeign: true },
    },
    buckets: bucket([allow(otherAccount, 's3:GetBucketPolicy')]),
    rows: [
      {
        by: 'Carlos',
        call: getBucketPolicy(),
        expect: fails(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.'),
      },
      { by: 'David', call: getBucketPolicy(), expect: accessDenied },
    ],
  },
  {
    name: 'A public bucket and users of another account',
    source,
    users: { Carlos: { isForeign: true, ...reader }, David: { isForeign: true } },
    buckets: bucket([allow('*', 's3:GetObject')], { isOpen: true }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      // Who signs needs a policy of his own account, who does not needs none.
      { by: 'David', call: getObject('a'), expect: accessDenied },
      { by: 'nobody', call: getObject('a'), expect: allowed },
    ],
  },
  {
    name: 'RestrictPublicBuckets and another account',
    source: 'docs: S3 User Guide, "Blocking public access to your Amazon S3 storage"',
    users: { Carlos: { isForeign: true, ...reader } },
    buckets: bucket([allow('*', 's3:GetObject'), allow(carlos, 's3:ListBucket')], { block: 'RestrictPublicBuckets' }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: listObjects(), expect: accessDenied },
    ],
  },
]

const anonymousPut = putObject('b')

export const nobodyAndEverybody: Scenario[] = [
  {
    name: 'Nobody and a private bucket',
    source,
    buckets: bucket(),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
      { by: 'nobody', call: headObject('a'), expect: bare(403, 'Unknown') },
      { by: 'nobody', call: listObjects(), expect: accessDenied },
      { by: 'nobody', call: anonymousPut, expect: accessDenied },
      { by: 'nobody', call: deleteObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'Nobody and a bucket policy for everybody',
    source,
    buckets: bucket([allow({ AWS: '*' }, ['s3:GetObject', 's3:PutObject'])], { isOpen: true }),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: allowed },
      { by: 'nobody', call: headObject('a'), expect: allowed },
      { by: 'nobody', call: anonymousPut, expect: allowed },
      { by: 'nobody', call: getObject('never-there'), expect: accessDenied },
      { by: 'nobody', call: listObjects(), expect: accessDenied },
      { by: 'nobody', call: deleteObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'Nobody, where everybody may list too',
    source: 'evidence: s3-missing-hidden',
    buckets: bucket([allow('*', ['s3:GetObject', 's3:ListBucket'])], { isOpen: true }),
    rows: [
      { by: 'nobody', call: listObjects(), expect: allowed },
      {
        by: 'nobody',
        call: getObject('never-there'),
        expect: fails(404, 'NoSuchKey', 'The specified key does not exist.'),
      },
    ],
  },
  {
    name: 'Nobody and a Deny for everybody',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket([allow('*', 's3:GetObject'), { ...deny('*', 's3:GetObject'), Resource: `${bucketArn}/secret/*` }], {
      isOpen: true,
      objects: [{ Key: 'a' }, { Key: 'secret/a' }],
    }),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: allowed },
      { by: 'nobody', call: getObject('secret/a'), expect: accessDenied },
    ],
  },
  {
    name: 'Nobody and a condition on who calls',
    source,
    buckets: bucket([{ ...allow('*', 's3:GetObject'), Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }], {
      isOpen: true,
    }),
    rows: [{ by: 'nobody', call: getObject('a'), expect: accessDenied }],
  },
  {
    name: 'RestrictPublicBuckets',
    source: 'docs: S3 User Guide, "Blocking public access to your Amazon S3 storage"',
    users: { Alice: {} },
    buckets: bucket([allow('*', 's3:GetObject')], { block: 'RestrictPublicBuckets' }),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
      { by: 'Alice', call: getObject('a'), expect: allowed },
    ],
  },
  {
    name: 'ACLs for everybody',
    source: 'evidence: s3-canned-acls, s3-acl-actions',
    users: { Alice: {} },
    buckets: bucket(undefined, {
      ...{ isOpen: true, ownership: 'ObjectWriter', acl: { ACL: 'public-read' } },
      objects: [{ Key: 'a', ACL: 'public-read' }, { Key: 'private' }],
    }),
    rows: [
      { by: 'nobody', call: listObjects(), expect: allowed },
      { by: 'nobody', call: getObject('a'), expect: allowed },
      { by: 'nobody', call: getObject('private'), expect: accessDenied },
      { by: 'nobody', call: putObject('b'), expect: accessDenied },
    ],
  },
  {
    name: 'A Deny beside an ACL for everybody',
    source,
    buckets: bucket([deny('*', 's3:GetObject')], {
      ...{ isOpen: true, ownership: 'ObjectWriter' },
      objects: [{ Key: 'a', ACL: 'public-read' }],
    }),
    rows: [{ by: 'nobody', call: getObject('a'), expect: accessDenied }],
  },
  {
    name: 'IgnorePublicAcls',
    source: 'docs: S3 User Guide, "Blocking public access to your Amazon S3 storage"',
    buckets: bucket(undefined, {
      ...{ block: 'IgnorePublicAcls', ownership: 'ObjectWriter', acl: { ACL: 'public-read' } },
      objects: [{ Key: 'a', ACL: 'public-read' }],
    }),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
      { by: 'nobody', call: listObjects(), expect: accessDenied },
    ],
  },
  {
    name: 'BlockPublicAcls',
    source: 'evidence: s3-block-public-acls',
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket(undefined, { block: 'BlockPublicAcls', ownership: 'ObjectWriter' }),
    rows: [
      {
        by: 'Alice',
        call: putObjectAcl('a', { ACL: 'public-read' }),
        expect: (arn) => ({
          status: 403,
          code: 'AccessDenied',
          message: `User: ${arn} is not authorized to perform: s3:PutObjectAcl on resource: "${bucketArn}/a" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`,
        }),
      },
      { by: 'Alice', call: putObjectAcl('a', { ACL: 'private' }), when: 'private', expect: allowed },
    ],
  },
  {
    name: 'A bucket whose ACLs are off',
    source: 'evidence: s3-acls-off',
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: { [exampleBucket]: { objects: [{ Key: 'a' }], policy: [allow(alice, 's3:PutObjectAcl')] } },
    rows: [
      {
        by: 'Alice',
        call: putObjectAcl('a', { ACL: 'private' }),
        expect: fails(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
      },
      {
        by: 'Alice',
        call: putObject('b', { ACL: 'public-read' }),
        expect: fails(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
      },
      {
        by: 'Alice',
        call: putObject('b', { ACL: 'bucket-owner-full-control' }),
        when: 'to its owner',
        expect: allowed,
      },
    ],
  },
]
