import { copyObject, deleteObject, getObject, getObjectTagging, headObject } from '../calls.ts'
import { listObjectVersions } from '../calls-of-buckets.ts'
import { exampleBucket, exampleSecondVersion, exampleVersion } from '../names.ts'
import { accessDenied, allowed, bare, deniedBy, fails, noneAllows } from '../outcomes.ts'
import type { Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, carlos, deny, may } from '../statements.ts'

/* Versions have permissions of their own (S3 User Guide, "Required permissions for Amazon S3 API operations"). */

const source: Source = 'docs: S3 User Guide, "Required permissions for Amazon S3 API operations"'
const noIdentity = noneAllows('identity-based policy')
const first = { VersionId: exampleVersion }
const second = { VersionId: exampleSecondVersion }
const twoVersions = { isVersioned: true, objects: [{ Key: 'a' }, { Key: 'a' }] } as const

export const versions: Scenario[] = [
  {
    name: 'Who may objects may not their versions',
    source,
    users: {
      Alice: { policy: [may(['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:DeleteObject'])] },
    },
    buckets: bucket(undefined, twoVersions),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: getObject('a', first), when: 'by its first version', expect: noIdentity },
      { by: 'Alice', call: headObject('a', first), when: 'by its first version', expect: bare(403, 'Unknown') },
      { by: 'Alice', call: getObjectTagging('a'), expect: allowed },
      { by: 'Alice', call: getObjectTagging('a', first), when: 'by its first version', expect: noIdentity },
      { by: 'Alice', call: deleteObject('a', first), when: 'by its first version', expect: noIdentity },
      { by: 'Alice', call: listObjectVersions(), expect: noIdentity },
      {
        by: 'Alice',
        call: copyObject('a', 'b', { CopySource: `${exampleBucket}/a?versionId=${exampleVersion}` }),
        when: 'from its first version',
        expect: noneAllows('identity-based policy', 's3:GetObjectVersion', `${bucketArn}/a`),
      },
      { by: 'Alice', call: deleteObject('a'), expect: allowed },
    ],
  },
  {
    name: 'Who may versions may not the objects',
    source,
    users: {
      Alice: { policy: [may(['s3:GetObjectVersion', 's3:GetObjectVersionTagging', 's3:DeleteObjectVersion'])] },
      Bob: { policy: [may(['s3:ListBucketVersions', 's3:GetObjectVersion', 's3:PutObject'])] },
    },
    buckets: bucket(undefined, twoVersions),
    rows: [
      { by: 'Alice', call: getObject('a', first), when: 'by its first version', expect: allowed },
      { by: 'Alice', call: headObject('a', second), when: 'by its second version', expect: allowed },
      { by: 'Alice', call: getObject('a'), expect: noIdentity },
      { by: 'Alice', call: getObjectTagging('a', first), when: 'by its first version', expect: allowed },
      { by: 'Alice', call: deleteObject('a'), expect: noIdentity },
      { by: 'Bob', call: listObjectVersions(), expect: allowed },
      {
        by: 'Bob',
        call: copyObject('a', 'b', { CopySource: `${exampleBucket}/a?versionId=${exampleVersion}` }),
        when: 'from its first version',
        expect: allowed,
      },
      { by: 'Alice', call: deleteObject('a', first), when: 'by its first version', expect: allowed },
    ],
  },
  {
    name: 'Allowed one version',
    source: 'evidence: s3-policy-keys',
    users: { Alice: {} },
    buckets: bucket(
      [
        {
          ...allow(alice, ['s3:GetObjectVersion', 's3:DeleteObjectVersion']),
          Condition: { StringEquals: { 's3:versionid': exampleSecondVersion } },
        },
      ],
      twoVersions,
    ),
    rows: [
      { by: 'Alice', call: getObject('a', second), when: 'by its second version', expect: allowed },
      { by: 'Alice', call: getObject('a', first), when: 'by its first version', expect: noIdentity },
      { by: 'Alice', call: deleteObject('a', first), when: 'by its first version', expect: noIdentity },
      { by: 'Alice', call: getObject('a'), expect: noIdentity },
    ],
  },
  {
    name: 'A Deny on versions leaves the objects',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket([deny(alice, ['s3:DeleteObjectVersion', 's3:GetObjectVersion'])], twoVersions),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      {
        by: 'Alice',
        call: getObject('a', first),
        when: 'by its first version',
        expect: deniedBy('resource-based policy'),
      },
      {
        by: 'Alice',
        call: deleteObject('a', first),
        when: 'by its first version',
        expect: deniedBy('resource-based policy'),
      },
      { by: 'Alice', call: deleteObject('a'), expect: allowed },
    ],
  },
  {
    name: 'A version that is not of this object',
    source: 'evidence: s3-version-id, s3-missing-hidden',
    users: {
      Alice: { policy: [may(['s3:GetObjectVersion', 's3:ListBucket'])] },
      Bob: { policy: [may('s3:GetObjectVersion')] },
      David: {},
    },
    buckets: bucket(undefined, { isVersioned: true, objects: [{ Key: 'a' }, { Key: 'b' }] }),
    rows: [
      {
        by: 'Alice',
        call: getObject('a', second),
        expect: fails(404, 'NoSuchVersion', 'The specified version does not exist.'),
      },
      {
        by: 'Bob',
        call: getObject('a', second),
        expect: noneAllows('identity-based policy', 's3:ListBucket', bucketArn),
        source: 'assumed: s3:ListBucket is what counts for versions, too',
      },
      { by: 'David', call: getObject('a', second), expect: noIdentity },
    ],
  },
  {
    name: 'Versions and a user of another account',
    source,
    users: { Carlos: { isForeign: true, policy: [may('s3:*')] } },
    buckets: bucket([allow(carlos, ['s3:GetObjectVersion', 's3:ListBucketVersions'])], twoVersions),
    rows: [
      { by: 'Carlos', call: getObject('a', first), when: 'by its first version', expect: allowed },
      { by: 'Carlos', call: getObject('a'), expect: accessDenied },
      { by: 'Carlos', call: listObjectVersions(), expect: allowed },
      { by: 'Carlos', call: deleteObject('a', first), when: 'by its first version', expect: accessDenied },
    ],
  },
]
