import { s3Namespace } from '../../../protocol/rest-xml.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'

/** The Region, in the words of 2006: empty for us-east-1, and `EU` for a bucket that was made so. */
export const GetBucketLocation: BucketOperation = {
  name: 'GetBucketLocation',
  level: 'bucket',
  route: 'GET /{Bucket}?location',
  needs: onBucket('s3:GetBucketLocation'),
  trail: { readOnly: true },
  servedGlobally: true,
  async handle(_services, { bucket: { region, locationConstraint = region } }) {
    const constraint = region === 'us-east-1' ? '' : locationConstraint
    const document = `<?xml version="1.0" encoding="UTF-8"?>
<LocationConstraint xmlns="${s3Namespace}">${constraint}</LocationConstraint>`
    return { headers: { 'content-type': 'application/xml' }, body: Buffer.from(document) }
  },
}
