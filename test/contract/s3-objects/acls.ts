import {
  deleteObject,
  getObject,
  getObjectAcl,
  getObjectTagging,
  headObject,
  listObjects,
  putObject,
  putObjectAcl,
} from '../calls.ts'
import { getBucketAcl, headBucket, listObjectVersions, putBucketAcl } from '../calls-of-buckets.ts'
import { exampleCanonicalUser, exampleOtherCanonicalUser } from '../names.ts'
import { accessDenied, allowed, bare, noneAllows } from '../outcomes.ts'
import type { BucketSpec, Scenario, Source } from '../scenario.ts'
import { allow, bucket, carlos, deny, may } from '../statements.ts'

/*
 * ACLs name accounts by canonical ids, and groups; what they give, the policies of the account that is named must give, too
 * (evidence: s3-acl-actions, s3-acl-write, s3-owners-own).
 */

const source: Source = 'evidence: s3-acl-actions'
const other = `id="${exampleOtherCanonicalUser}"`
const everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
const withRights = { isForeign: true, policy: [may('s3:*')] } as const
const people = { Carlos: withRights, David: { isForeign: true } } as const
const withAcls = { isOpen: true, ownership: 'ObjectWriter' } as const

function acls(more: BucketSpec) {
  return bucket(undefined, { ...withAcls, ...more })
}

export const aclsOfAccounts: Scenario[] = [
  {
    name: 'READ for another account',
    source,
    users: people,
    buckets: acls({ acl: { GrantRead: other }, objects: [{ Key: 'a', GrantRead: other }, { Key: 'private' }] }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      { by: 'Carlos', call: headObject('a'), expect: allowed },
      { by: 'Carlos', call: listObjects(), expect: allowed },
      { by: 'Carlos', call: listObjectVersions(), expect: allowed },
      { by: 'Carlos', call: headBucket(), expect: allowed },
      { by: 'Carlos', call: getObject('private'), expect: accessDenied },
      { by: 'Carlos', call: getObjectTagging('a'), expect: accessDenied },
      { by: 'Carlos', call: getObjectAcl('a'), expect: accessDenied },
      { by: 'Carlos', call: getBucketAcl(), expect: accessDenied },
      { by: 'Carlos', call: putObject('b'), expect: accessDenied },
      // An ACL lets the account in; what its users may, its own policies say.
      { by: 'David', call: getObject('a'), expect: accessDenied },
      { by: 'David', call: listObjects(), expect: accessDenied },
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'READ_ACP and WRITE_ACP for another account',
    source,
    users: people,
    buckets: acls({
      acl: { GrantReadACP: other },
      objects: [
        { Key: 'a', GrantReadACP: other },
        { Key: 'b', GrantWriteACP: other },
      ],
    }),
    rows: [
      { by: 'Carlos', call: getObjectAcl('a'), expect: allowed },
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: getObjectAcl('b'), expect: accessDenied },
      { by: 'Carlos', call: putObjectAcl('b', { GrantWriteACP: other }), expect: allowed },
      { by: 'Carlos', call: putObjectAcl('a', { GrantReadACP: other }), expect: accessDenied },
      { by: 'Carlos', call: getBucketAcl(), expect: allowed },
      { by: 'Carlos', call: putBucketAcl({ GrantReadACP: other }), expect: accessDenied },
      { by: 'Carlos', call: headBucket(), expect: bare(403, 'Unknown') },
      { by: 'Carlos', call: listObjects(), expect: accessDenied },
      { by: 'David', call: getBucketAcl(), expect: accessDenied },
    ],
  },
  {
    name: 'WRITE for another account',
    source: 'evidence: s3-acl-write, s3-owners-own',
    users: { ...people, Alice: { policy: [may('s3:*')] } },
    buckets: acls({ acl: { GrantWrite: other }, written: [{ by: 'Carlos', Key: 'theirs' }] }),
    rows: [
      { by: 'Carlos', call: putObject('new'), expect: allowed },
      { by: 'Carlos', call: putObject('theirs'), expect: allowed },
      { by: 'Carlos', call: putObject('a'), expect: accessDenied },
      { by: 'Carlos', call: deleteObject('a'), expect: accessDenied },
      { by: 'Carlos', call: getObject('theirs'), expect: allowed },
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: listObjects(), expect: accessDenied },
      { by: 'David', call: putObject('new'), expect: accessDenied },
    ],
  },
  {
    name: 'FULL_CONTROL for another account',
    source,
    users: people,
    buckets: acls({ objects: [{ Key: 'a', GrantFullControl: other }] }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      { by: 'Carlos', call: getObjectAcl('a'), expect: allowed },
      { by: 'Carlos', call: putObjectAcl('a', { GrantFullControl: other }), expect: allowed },
      { by: 'Carlos', call: putObject('a'), expect: accessDenied },
      { by: 'Carlos', call: deleteObject('a'), expect: accessDenied },
      { by: 'Carlos', call: getObjectTagging('a'), expect: accessDenied },
    ],
  },
  {
    name: 'A Deny beside an ACL for another account',
    source: 'evidence: s3-who-may',
    users: people,
    buckets: bucket([deny(carlos, 's3:GetObject')], {
      ...withAcls,
      objects: [{ Key: 'a', GrantFullControl: other }],
    }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: getObjectAcl('a'), expect: allowed },
    ],
  },
  {
    name: "An ACL for the bucket's own account",
    source: 'docs: S3 User Guide, "Access control list (ACL) overview"',
    users: { Alice: {}, Bob: { policy: [may('s3:GetObject')] } },
    buckets: acls({ objects: [{ Key: 'a', GrantFullControl: `id="${exampleCanonicalUser}"` }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: noneAllows('identity-based policy') },
      { by: 'Bob', call: getObject('a'), expect: allowed },
    ],
  },
]

export const aclsOfGroups: Scenario[] = [
  {
    name: 'READ for all who sign',
    source: 'evidence: s3-canned-acls, s3-who-may',
    users: { ...people, Alice: {} },
    buckets: acls({ objects: [{ Key: 'a', ACL: 'authenticated-read' }] }),
    rows: [
      { by: 'Carlos', call: getObject('a'), expect: allowed },
      { by: 'David', call: getObject('a'), expect: accessDenied },
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'READ and WRITE for everybody',
    source: 'evidence: s3-acl-write',
    users: { ...people, Alice: {} },
    buckets: acls({ acl: { ACL: 'public-read-write' } }),
    rows: [
      { by: 'nobody', call: listObjects(), expect: allowed },
      { by: 'nobody', call: putObject('new'), expect: allowed },
      { by: 'nobody', call: putObject('a'), expect: accessDenied },
      { by: 'nobody', call: deleteObject('a'), expect: accessDenied },
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
      { by: 'nobody', call: getBucketAcl(), expect: accessDenied },
      { by: 'Carlos', call: putObject('theirs'), expect: allowed },
      { by: 'Carlos', call: putObject('a'), expect: accessDenied },
      { by: 'David', call: listObjects(), expect: accessDenied },
      { by: 'Alice', call: listObjects(), expect: allowed },
      { by: 'Alice', call: getObject('a'), expect: noneAllows('identity-based policy') },
    ],
  },
  {
    name: 'READ_ACP for everybody',
    source,
    buckets: acls({ acl: { GrantReadACP: everybody }, objects: [{ Key: 'a', GrantReadACP: everybody }] }),
    rows: [
      { by: 'nobody', call: getBucketAcl(), expect: allowed },
      { by: 'nobody', call: getObjectAcl('a'), expect: allowed },
      { by: 'nobody', call: listObjects(), expect: accessDenied },
      { by: 'nobody', call: getObject('a'), expect: accessDenied },
    ],
  },
  {
    name: 'WRITE of an object is stored, and gives nothing',
    source,
    users: people,
    buckets: acls({ objects: [{ Key: 'a', ACL: 'public-read-write' }] }),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: allowed },
      { by: 'nobody', call: putObject('a'), expect: accessDenied },
      { by: 'Carlos', call: putObject('a'), expect: accessDenied },
    ],
  },
]

/** What writers may give is in the hands of the bucket's policy. */
export const aclsAsConditions: Scenario[] = [
  {
    name: 'Another account may write where it gives the bucket owner full control',
    source: 'evidence: s3-policy-keys',
    users: people,
    buckets: bucket(
      [
        {
          ...allow(carlos, 's3:PutObject'),
          Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
        },
      ],
      withAcls,
    ),
    rows: [
      { by: 'Carlos', call: putObject('b', { ACL: 'bucket-owner-full-control' }), when: 'so', expect: allowed },
      { by: 'Carlos', call: putObject('b'), when: 'without an ACL', expect: accessDenied },
      { by: 'Carlos', call: putObject('b', { ACL: 'public-read' }), when: 'for everybody', expect: accessDenied },
    ],
  },
  {
    name: 'Another account may write where it names a grantee',
    source: 'evidence: s3-policy-keys',
    users: people,
    buckets: bucket(
      [
        {
          ...allow(carlos, 's3:PutObject'),
          Condition: { StringEquals: { 's3:x-amz-grant-full-control': `id=${exampleCanonicalUser}` } },
        },
      ],
      withAcls,
    ),
    rows: [
      {
        by: 'Carlos',
        call: putObject('b', { GrantFullControl: `id=${exampleCanonicalUser}` }),
        when: 'so',
        expect: allowed,
      },
      {
        by: 'Carlos',
        call: putObject('b', { GrantFullControl: `id=${exampleOtherCanonicalUser}` }),
        when: 'for itself',
        expect: accessDenied,
      },
      { by: 'Carlos', call: putObject('b'), when: 'without a grant', expect: accessDenied },
    ],
  },
]
