import { listMultipartUploads } from '../calls-of-buckets.ts'
import {
  abortMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
  uploadPartCopy,
} from '../calls-of-uploads.ts'
import { exampleSecondUpload } from '../names.ts'
import { accessDenied, allowed, deniedBy, fails, noneAllows } from '../outcomes.ts'
import type { Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, bucketArn, carlos, deny, may, mayNot } from '../statements.ts'

/* Uploads in parts (S3 User Guide, "Multipart upload API and permissions"; evidence: s3-initiator-rights). */

const source: Source = 'docs: S3 User Guide, "Multipart upload API and permissions"'
const noIdentity = noneAllows('identity-based policy')
const noSuchUpload = fails(
  404,
  'NoSuchUpload',
  'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
)
const onlyOnce = 'an upload is stopped only once'
const oneUpload = { uploads: [{ Key: 'a' }] }

export const uploads: Scenario[] = [
  {
    name: 'Who may write may upload',
    source,
    users: { Alice: { policy: [may('s3:PutObject')] }, Bob: {} },
    buckets: bucket(undefined, oneUpload),
    rows: [
      { by: 'Alice', call: createMultipartUpload('b'), expect: allowed },
      { by: 'Alice', call: uploadPart('a'), expect: allowed },
      {
        by: 'Alice',
        call: uploadPartCopy('a', 'a'),
        expect: noneAllows('identity-based policy', 's3:GetObject', `${bucketArn}/a`),
      },
      { by: 'Alice', call: listParts('a'), expect: noIdentity },
      { by: 'Alice', call: listMultipartUploads(), expect: noIdentity },
      { by: 'Alice', call: abortMultipartUpload('a'), expect: noIdentity },
      { by: 'Bob', call: createMultipartUpload('b'), expect: noIdentity },
      { by: 'Bob', call: uploadPart('a'), expect: noIdentity },
      {
        by: 'Alice',
        call: createMultipartUpload('b', { Tagging: 'team=a' }),
        when: 'with tags',
        expect: noneAllows('identity-based policy', 's3:PutObjectTagging'),
      },
    ],
  },
  {
    name: 'Permissions on uploads',
    source,
    users: {
      Alice: { policy: [may(['s3:ListMultipartUploadParts', 's3:AbortMultipartUpload'])] },
      Bob: { policy: [may('s3:ListBucketMultipartUploads')] },
    },
    buckets: bucket(undefined, oneUpload),
    rows: [
      { by: 'Alice', call: listParts('a'), expect: allowed },
      { by: 'Alice', call: uploadPart('a'), expect: noIdentity },
      { by: 'Alice', call: listMultipartUploads(), expect: noIdentity },
      { by: 'Bob', call: listMultipartUploads(), expect: allowed },
      { by: 'Bob', call: listParts('a'), expect: noIdentity },
      { by: 'Alice', call: abortMultipartUpload('a'), expect: allowed, emulatorAlone: onlyOnce },
    ],
  },
  {
    name: 'Who began an upload',
    source: 'evidence: s3-initiator-rights',
    users: {
      Alice: { policy: [may('s3:PutObject')] },
      Bob: { policy: [may('s3:PutObject'), mayNot(['s3:ListMultipartUploadParts', 's3:AbortMultipartUpload'])] },
    },
    buckets: bucket(undefined, {
      uploads: [
        { Key: 'a', by: 'Alice' },
        { Key: 'b', by: 'Bob' },
      ],
    }),
    rows: [
      { by: 'Alice', call: listParts('a'), expect: allowed },
      { by: 'Alice', call: listParts('b', exampleSecondUpload), expect: noIdentity },
      { by: 'Alice', call: abortMultipartUpload('b', exampleSecondUpload), expect: noIdentity },
      { by: 'Bob', call: listParts('b', exampleSecondUpload), expect: deniedBy('identity-based policy') },
      { by: 'Bob', call: abortMultipartUpload('b', exampleSecondUpload), expect: deniedBy('identity-based policy') },
      { by: 'Alice', call: abortMultipartUpload('a'), expect: allowed, emulatorAlone: onlyOnce },
    ],
  },
  {
    name: 'A Deny of stopping uploads',
    source,
    users: { Alice: { policy: [may('s3:*')] } },
    buckets: bucket([deny(alice, ['s3:AbortMultipartUpload', 's3:ListBucketMultipartUploads'])], {
      uploads: [{ Key: 'a', by: 'Alice' }],
    }),
    rows: [
      { by: 'Alice', call: uploadPart('a'), expect: allowed },
      { by: 'Alice', call: listParts('a'), expect: allowed },
      { by: 'Alice', call: abortMultipartUpload('a'), expect: deniedBy('resource-based policy') },
      { by: 'Alice', call: listMultipartUploads(), expect: deniedBy('resource-based policy') },
    ],
  },
  {
    name: 'An upload that is not there',
    source: 'docs: S3 API Reference, "Error responses": NoSuchUpload',
    users: { Alice: { policy: [may('s3:*')] }, Bob: {} },
    buckets: bucket(undefined, oneUpload),
    rows: [
      ...[listParts('b'), uploadPart('b'), abortMultipartUpload('b')].flatMap((call) => [
        {
          by: 'Alice',
          call,
          expect: noSuchUpload,
        },
        { by: 'Bob', call, expect: noIdentity },
      ]),
    ],
  },
  {
    name: 'An upload that was stopped',
    source: 'evidence: s3-stopped-upload',
    users: {
      Alice: { policy: [may(['s3:PutObject', 's3:AbortMultipartUpload'])] },
      Bob: { policy: [may('s3:PutObject')] },
    },
    buckets: bucket(undefined, { uploads: [{ Key: 'a', by: 'Alice', isStopped: true }] }),
    rows: [
      { by: 'Alice', call: uploadPart('a'), expect: noSuchUpload },
      {
        by: 'Bob',
        call: uploadPart('a'),
        expect: accessDenied,
        differs: { why: 'as nothing is kept of uploads that are over', emulator: noSuchUpload },
      },
    ],
  },
  {
    name: 'Uploads of another account',
    source,
    users: {
      Carlos: { isForeign: true, policy: [may('s3:*')] },
      David: { isForeign: true, policy: [may('s3:*')] },
      Alice: { policy: [may(['s3:ListMultipartUploadParts', 's3:AbortMultipartUpload'])] },
    },
    buckets: bucket([allow(carlos, 's3:PutObject')], { uploads: [{ Key: 'a', by: 'Carlos' }] }),
    rows: [
      { by: 'Carlos', call: uploadPart('a'), expect: allowed },
      { by: 'Carlos', call: listParts('a'), expect: allowed },
      { by: 'Carlos', call: listMultipartUploads(), expect: accessDenied },
      { by: 'David', call: uploadPart('a'), expect: accessDenied },
      { by: 'David', call: createMultipartUpload('b'), expect: accessDenied },
      { by: 'Alice', call: listParts('a'), expect: allowed },
      { by: 'Alice', call: abortMultipartUpload('a'), expect: allowed, emulatorAlone: onlyOnce },
    ],
  },
  {
    name: 'Nobody uploads',
    source: 'docs: S3 User Guide, "Multipart upload API and permissions": no anonymous user begins an upload',
    buckets: bucket([allow('*', ['s3:PutObject', 's3:ListMultipartUploadParts'])], { isOpen: true, ...oneUpload }),
    rows: [
      { by: 'nobody', call: createMultipartUpload('b'), expect: accessDenied },
      { by: 'nobody', call: abortMultipartUpload('a'), expect: accessDenied },
    ],
  },
]
