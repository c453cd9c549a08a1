import type { BucketOperation, ServiceOperation } from '../operation.ts'
import {
  DeleteAccountPublicAccessBlock,
  GetAccountPublicAccessBlock,
  PutAccountPublicAccessBlock,
} from './account-public-access-block.ts'
import { ListTagsForResource, TagResource, UntagResource } from './resource-tags.ts'

/** The table: every operation of S3 Control that is here. Those on a bucket name it by its ARN. */
export const controlOperations: readonly (BucketOperation | ServiceOperation)[] = [
  ListTagsForResource,
  TagResource,
  UntagResource,
  GetAccountPublicAccessBlock,
  PutAccountPublicAccessBlock,
  DeleteAccountPublicAccessBlock,
]
