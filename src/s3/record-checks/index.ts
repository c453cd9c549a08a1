import type { RecordCheck } from '../../store/record-check.ts'
import { announcementChecks } from './announcements.ts'
import { bucketChecks } from './buckets.ts'
import { lifecycleChecks } from './lifecycle.ts'
import { objectChecks } from './objects.ts'
import { uploadChecks } from './uploads.ts'

export const s3Checks: readonly RecordCheck[] = [
  ...bucketChecks,
  ...objectChecks,
  ...uploadChecks,
  ...lifecycleChecks,
  ...announcementChecks,
]
