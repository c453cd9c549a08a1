import type { BucketOperation } from '../operation.ts'
import { BucketAbac } from './bucket-abac.ts'
import { BucketAccelerate } from './bucket-accelerate.ts'
import { BucketAnalytics } from './bucket-analytics.ts'
import { BucketCors } from './bucket-cors.ts'
import { BucketEncryption } from './bucket-encryption.ts'
import { BucketIntelligentTiering } from './bucket-intelligent-tiering.ts'
import { BucketInventory } from './bucket-inventory.ts'
import { BucketLifecycle } from './bucket-lifecycle.ts'
import { BucketLogging } from './bucket-logging.ts'
import { bucketMetadataOperations } from './bucket-metadata.ts'
import { BucketMetrics } from './bucket-metrics.ts'
import { BucketNotification } from './bucket-notification.ts'
import { BucketOwnershipControls } from './bucket-ownership-controls.ts'
import { bucketPolicyOperations } from './bucket-policy.ts'
import { BucketReplication } from './bucket-replication.ts'
import { BucketRequestPayment } from './bucket-request-payment.ts'
import { BucketTagging } from './bucket-tagging.ts'
import { BucketVersioning } from './bucket-versioning.ts'
import { BucketWebsite } from './bucket-website.ts'
import { ObjectLock } from './object-lock.ts'
import { PublicAccessBlock } from './public-access-block.ts'

/** Every configuration of a bucket that can be set. */
export const configurations = [
  BucketAbac,
  BucketAccelerate,
  BucketAnalytics,
  BucketCors,
  BucketEncryption,
  BucketIntelligentTiering,
  BucketInventory,
  BucketLifecycle,
  BucketLogging,
  BucketMetrics,
  BucketNotification,
  BucketOwnershipControls,
  BucketReplication,
  BucketRequestPayment,
  BucketTagging,
  BucketVersioning,
  BucketWebsite,
  ObjectLock,
  PublicAccessBlock,
]

export const configurationOperations: readonly BucketOperation[] = [
  ...configurations.flatMap(({ operations }) => operations),
  ...bucketPolicyOperations,
  ...bucketMetadataOperations,
]
