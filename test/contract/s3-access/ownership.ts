import {
  deleteObject,
  getObject,
  getObjectAcl,
  getObjectTagging,
  headObject,
  putObject,
  putObjectAcl,
} from '../calls.ts'
import { putBucketAcl } from '../calls-of-buckets.ts'
import { accessDenied, allowed, bare, fails, noneAllows } from '../outcomes.ts'
import type { BucketSpec, Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, carlos, may, userArn } from '../statements.ts'

/*
 * Carlos of another account wrote two objects, `full` with full control for the bucket's owner. Whose they are, and so who may read
 * them, the bucket's Object Ownership says (evidence: s3-object-ownership, s3-foreign-objects).
 */

const source: Source = 'evidence: s3-object-ownership, s3-foreign-objects'
const noResource = noneAllows('resource-based policy')
const users = {
  Alice: { policy: [may('s3:*')] },
  Bob: {},
  Carlos: { isForeign: true, policy: [may('s3:*')] },
} as const

function writtenByCarlos(ownership?: BucketSpec['ownership']) {
  const policy = [
    allow(carlos, ['s3:PutObject', 's3:PutObjectAcl']),
    allow({ AWS: userArn('Bob') }, ['s3:GetObject', 's3:DeleteObject']),
  ]
  const written = [
    { by: 'Carlos', Key: 'plain' },
    { by: 'Carlos', Key: 'full', ACL: 'bucket-owner-full-control' as const },
  ]
  return bucket(policy, { isOpen: true, ownership, written })
}

export const ownership: Scenario[] = [
  {
    name: 'The bucket owner owns everything',
    source,
    users,
    buckets: writtenByCarlos(),
    rows: [
      { by: 'Alice', call: getObject('plain'), expect: allowed },
      { by: 'Alice', call: getObject('full'), expect: allowed },
      { by: 'Bob', call: getObject('plain'), expect: allowed },
      { by: 'Carlos', call: getObject('plain'), expect: accessDenied },
      { by: 'Carlos', call: getObjectAcl('plain'), expect: accessDenied },
      { by: 'Carlos', call: putObject('plain'), expect: allowed },
      {
        by: 'Carlos',
        call: putObjectAcl('plain', { ACL: 'private' }),
        expect: fails(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
        source: 'evidence: s3-acls-off',
      },
      { by: 'Bob', call: deleteObject('full'), expect: allowed },
    ],
  },
  {
    name: 'The bucket owner owns what gives it full control',
    source,
    users,
    buckets: writtenByCarlos('BucketOwnerPreferred'),
    rows: [
      { by: 'Alice', call: getObject('plain'), expect: noResource },
      { by: 'Alice', call: headObject('plain'), expect: bare(403, 'Unknown') },
      { by: 'Alice', call: getObject('full'), expect: allowed },
      { by: 'Bob', call: getObject('plain'), expect: noResource },
      { by: 'Bob', call: getObject('full'), expect: allowed },
      { by: 'Carlos', call: getObject('plain'), expect: allowed },
      { by: 'Carlos', call: getObject('full'), expect: accessDenied },
      { by: 'Carlos', call: putObjectAcl('plain', { ACL: 'private' }), expect: allowed },
    ],
  },
  {
    name: 'Who writes owns',
    source,
    users,
    buckets: writtenByCarlos('ObjectWriter'),
    rows: [
      { by: 'Alice', call: getObject('plain'), expect: noResource },
      { by: 'Alice', call: getObjectAcl('plain'), expect: noResource },
      { by: 'Alice', call: putObjectAcl('plain', { ACL: 'private' }), expect: noResource },
      { by: 'Alice', call: getObjectTagging('plain'), expect: allowed },
      { by: 'Alice', call: getObject('full'), expect: allowed },
      { by: 'Bob', call: getObject('plain'), expect: noResource },
      { by: 'Carlos', call: getObject('plain'), expect: allowed },
      { by: 'Carlos', call: getObject('full'), expect: allowed },
      { by: 'Carlos', call: getObjectTagging('plain'), expect: accessDenied },
      // The bucket's owner may always take away, and write over, what others own.
      { by: 'Bob', call: deleteObject('plain'), expect: allowed },
    ],
  },
  {
    name: 'A public policy and what others own',
    source: 'evidence: s3-foreign-objects',
    users: { Carlos: users.Carlos },
    buckets: bucket([allow('*', 's3:GetObject'), allow(carlos, ['s3:PutObject', 's3:PutObjectAcl'])], {
      isOpen: true,
      ownership: 'ObjectWriter',
      written: [
        { by: 'Carlos', Key: 'plain' },
        { by: 'Carlos', Key: 'public', ACL: 'public-read' },
      ],
    }),
    rows: [
      { by: 'nobody', call: getObject('a'), expect: allowed },
      { by: 'nobody', call: getObject('plain'), expect: accessDenied },
      { by: 'nobody', call: getObject('public'), expect: allowed },
    ],
  },
  {
    name: 'ACLs where they are off',
    source: 'evidence: s3-acls-off',
    users: { Alice: users.Alice, Bob: { policy: [may('s3:PutObject')] } },
    buckets: bucket([allow(alice, 's3:*')], { isOpen: true }),
    rows: [
      {
        by: 'Alice',
        call: putBucketAcl({ ACL: 'private' }),
        expect: fails(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
      },
      { by: 'Alice', call: putObject('b', { ACL: 'private' }), when: 'private', expect: allowed },
      { by: 'Alice', call: putObject('b', { ACL: 'bucket-owner-read' }), when: 'for its owner', expect: allowed },
      {
        by: 'Alice',
        call: putObject('b', { ACL: 'authenticated-read' }),
        when: 'for all who sign',
        expect: fails(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
      },
      {
        by: 'Bob',
        call: putBucketAcl({ ACL: 'private' }),
        expect: noneAllows('identity-based policy'),
        source: 'assumed: the permission is asked first',
      },
    ],
  },
]
