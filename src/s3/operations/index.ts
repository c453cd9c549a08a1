import { configurationOperations } from '../configurations/index.ts'
import type { S3Operation } from '../operation.ts'
import { GetBucketAcl, PutBucketAcl } from './bucket/bucket-acl.ts'
import { CreateBucket } from './bucket/create-bucket.ts'
import { DeleteBucket } from './bucket/delete-bucket.ts'
import { GetBucketLocation } from './bucket/get-bucket-location.ts'
import { HeadBucket } from './bucket/head-bucket.ts'
import { ListBuckets } from './bucket/list-buckets.ts'
import { ListObjectVersions } from './listing/list-object-versions.ts'
import { CreateSession, ListObjects } from './listing/list-objects.ts'
import { ListObjectsV2 } from './listing/list-objects-v2.ts'
import { AbortMultipartUpload } from './multipart/abort-multipart-upload.ts'
import { CompleteMultipartUpload } from './multipart/complete-multipart-upload.ts'
import { CreateMultipartUpload } from './multipart/create-multipart-upload.ts'
import { ListMultipartUploads } from './multipart/list-multipart-uploads.ts'
import { ListParts } from './multipart/list-parts.ts'
import { UploadPart } from './multipart/upload-part.ts'
import { UploadPartCopy } from './multipart/upload-part-copy.ts'
import { CopyObject } from './object/copy-object.ts'
import { DeleteObject } from './object/delete-object.ts'
import { DeleteObjects } from './object/delete-objects.ts'
import { GetObject } from './object/get-object.ts'
import { GetObjectAttributes } from './object/get-object-attributes.ts'
import { GetObjectTorrent } from './object/get-object-torrent.ts'
import { HeadObject } from './object/head-object.ts'
import { GetObjectAcl, PutObjectAcl } from './object/object-acl.ts'
import { GetObjectLegalHold, PutObjectLegalHold } from './object/object-legal-hold.ts'
import { GetObjectRetention, PutObjectRetention } from './object/object-retention.ts'
import { DeleteObjectTagging, GetObjectTagging, PutObjectTagging } from './object/object-tagging.ts'
import { PostObject } from './object/post-object.ts'
import { PutObject } from './object/put-object.ts'
import { RestoreObject } from './object/restore-object.ts'
import { SelectObjectContent } from './object/select-object-content.ts'
import { UpdateObjectEncryption } from './object/update-object-encryption.ts'

/** The table: every operation of S3 that is here. */
export const operations: readonly S3Operation[] = [
  ListBuckets,
  CreateBucket,
  HeadBucket,
  DeleteBucket,
  GetBucketLocation,
  GetBucketAcl,
  PutBucketAcl,
  GetObjectAcl,
  PutObjectAcl,
  GetObjectTagging,
  PutObjectTagging,
  DeleteObjectTagging,
  RestoreObject,
  GetObjectRetention,
  PutObjectRetention,
  GetObjectLegalHold,
  PutObjectLegalHold,
  ...configurationOperations,
  ListObjects,
  CreateSession,
  ListObjectsV2,
  ListObjectVersions,
  PutObject,
  PostObject,
  GetObject,
  HeadObject,
  GetObjectAttributes,
  GetObjectTorrent,
  SelectObjectContent,
  UpdateObjectEncryption,
  CopyObject,
  DeleteObject,
  DeleteObjects,
  CreateMultipartUpload,
  UploadPart,
  UploadPartCopy,
  CompleteMultipartUpload,
  AbortMultipartUpload,
  ListParts,
  ListMultipartUploads,
]
