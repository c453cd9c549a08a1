import type { S3Operation } from '../operation.ts'
import { DeleteBucketEncryption, GetBucketEncryption, PutBucketEncryption } from './bucket-encryption.ts'
import { settingOperations } from './bucket-settings.ts'
import { CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from './buckets.ts'
import { CompleteMultipartUpload } from './complete-multipart.ts'
import { CopyObject, UploadPartCopy } from './copy-object.ts'
import { DeleteObject, DeleteObjects } from './delete-objects.ts'
import { ListObjects, ListObjectsV2, ListObjectVersions } from './list-objects.ts'
import { ListMultipartUploads, ListParts } from './list-parts.ts'
import { AbortMultipartUpload, CreateMultipartUpload, UploadPart } from './multipart.ts'
import { GetObjectAttributes } from './object-attributes.ts'
import { GetObjectTorrent } from './object-torrent.ts'
import { PostObject } from './post-object.ts'
import { GetObject, HeadObject } from './read-object.ts'
import { UpdateObjectEncryption } from './update-object-encryption.ts'
import { PutObject } from './write-object.ts'

/** The table: every operation of S3 that is here. */
export const operations: readonly S3Operation[] = [
  ListBuckets,
  CreateBucket,
  HeadBucket,
  DeleteBucket,
  GetBucketLocation,
  GetBucketEncryption,
  PutBucketEncryption,
  DeleteBucketEncryption,
  ...settingOperations,
  ListObjects,
  ListObjectsV2,
  ListObjectVersions,
  PutObject,
  PostObject,
  GetObject,
  HeadObject,
  GetObjectAttributes,
  GetObjectTorrent,
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
