import {
  copyObject,
  deleteObject,
  getBucketPolicy,
  getObject,
  getObjectAcl,
  getObjectTagging,
  headObject,
  listObjects,
  putObject,
  putObjectTagging,
} from '../calls.ts'
import {
  getBucketAcl,
  getBucketLocation,
  getPublicAccessBlock,
  listMultipartUploads,
  listObjectVersions,
} from '../calls-of-buckets.ts'
import { createMultipartUpload } from '../calls-of-uploads.ts'
import { exampleAccount } from '../names.ts'
import { accessDenied, allowed, bare, deniedBy } from '../outcomes.ts'
import type { Call, Outcome, Row, Scenario } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, carlos, deny, may, mayNot, otherAccount, roleArn } from '../statements.ts'

/* A Deny of each operation, on each side: what is told is the side, and of a managed policy its name (evidence: policy-arn-in-denials). */

const calls: readonly Call[] = [
  getObject('a'),
  getObjectTagging('a'),
  getObjectAcl('a'),
  putObject('b'),
  putObjectTagging('a', { team: 'blue' }),
  createMultipartUpload('b'),
  deleteObject('a'),
  listObjects(),
  listObjectVersions(),
  listMultipartUploads(),
  getBucketAcl(),
  getBucketLocation(),
  getBucketPolicy(),
  getPublicAccessBlock(),
]
const actions = [...new Set(calls.map(({ action }) => action))]

function eachRefused(by: string, expect: Outcome): Row[] {
  return calls.map((call) => ({ by, call, expect }))
}

export const denies: Scenario[] = [
  {
    name: 'A Deny of each operation in the bucket policy',
    source: 'evidence: s3-denied',
    users: { Alice: { policy: [may('s3:*')] }, Bob: { policy: [may('s3:*')] } },
    buckets: bucket([deny(alice, actions)]),
    rows: [
      ...eachRefused('Alice', deniedBy('resource-based policy')),
      { by: 'Alice', call: headObject('a'), expect: bare(403, 'Unknown') },
      {
        by: 'Alice',
        call: copyObject('a', 'b'),
        expect: deniedBy('resource-based policy'),
        source: 'assumed: the target is asked before the source',
      },
      { by: 'Bob', call: getObject('a'), expect: allowed },
    ],
  },
  {
    name: 'A Deny of each operation in an identity policy',
    source: 'evidence: s3-denied',
    users: { Alice: { policy: [may('s3:*'), mayNot(actions)] } },
    buckets: bucket([allow(alice, 's3:*')]),
    rows: eachRefused('Alice', deniedBy('identity-based policy')),
  },
  {
    name: 'A Deny of each operation in a managed policy',
    source: 'evidence: policy-arn-in-denials',
    users: { Alice: { managed: [may('s3:*'), mayNot(actions)] } },
    buckets: bucket(),
    rows: eachRefused('Alice', deniedBy('identity-based policy', `arn:aws:iam::${exampleAccount}:policy/AlicePolicy`)),
  },
  {
    name: 'A Deny of each operation in a permissions boundary',
    source: 'evidence: policy-arn-in-denials',
    users: { Alice: { policy: [may('s3:*')], boundary: [may('s3:*'), mayNot(actions)] } },
    // Whom a bucket policy names passes what a boundary leaves out, not what it denies.
    buckets: bucket([allow(alice, 's3:*')]),
    rows: eachRefused('Alice', deniedBy('permissions boundary', `arn:aws:iam::${exampleAccount}:policy/AliceBoundary`)),
  },
  {
    name: 'A Deny of each operation in a session policy',
    source: 'evidence: s3-denied',
    roles: { ExampleRole: { policy: [may('s3:*')], session: [may('s3:*'), mayNot(actions)] } },
    buckets: bucket([allow({ AWS: roleArn('ExampleRole') }, 's3:*')]),
    rows: eachRefused('ExampleRole', deniedBy('session policy')),
  },
  {
    name: 'A Deny of each operation, and another account',
    source: 'evidence: s3-denied',
    users: { Carlos: { isForeign: true, policy: [may('s3:*')] } },
    buckets: bucket([allow(otherAccount, 's3:*'), deny(carlos, actions)]),
    rows: eachRefused('Carlos', accessDenied),
  },
  {
    name: 'Denials on several sides',
    source: 'assumed: of several denials that of the bucket policy is told',
    users: {
      Alice: { policy: [may('s3:*'), mayNot('s3:GetObject')], boundary: [may('s3:*'), mayNot('s3:GetObject')] },
    },
    buckets: bucket([{ ...deny(alice, 's3:GetObject'), Resource: `${bucketArn}/*` }]),
    rows: [{ by: 'Alice', call: getObject('a'), expect: deniedBy('resource-based policy') }],
  },
]
