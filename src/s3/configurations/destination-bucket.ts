import { parseArn } from '../../aws/arn.ts'
import { isBucketName } from '../names.ts'

/** Whether a text is the ARN of a bucket, there or not: `arn:aws:s3:::NAME`. */
export function isBucketArn(text: string): boolean {
  return bucketOfArn(text) !== undefined
}

/** @returns undefined where the text is not the ARN of a bucket */
export function bucketOfArn(text: string): string | undefined {
  const arn = parseArn(text)
  if (arn?.service !== 's3' || arn.region !== '' || arn.accountId !== '') return undefined
  return isBucketName(arn.resource) ? arn.resource : undefined
}
