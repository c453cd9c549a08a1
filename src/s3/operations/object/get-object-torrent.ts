import { s3Errors } from '../../errors.ts'
import { onVersion } from '../../needs.ts'
import type { ObjectOperation } from '../../operation.ts'

/**
 * There are no torrents any more, whether the object is there or not (evidence: s3-torrent). Of objects under a customer's key there
 * never were (GetObjectTorrent, Amazon S3 API Reference); the words of that refusal are not known.
 */
export const GetObjectTorrent: ObjectOperation = {
  name: 'GetObjectTorrent',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?torrent',
  needs: onVersion(['s3:GetObject'], ['s3:GetObjectVersion']),
  async handle({ objects }, { bucket, key }) {
    const record = objects.find(bucket.name, key)?.record
    if (record?.envelope.scheme === 'SSE-C') {
      throw s3Errors.InvalidRequest('Torrents are not supported for objects encrypted using SSE-C.')
    }
    throw s3Errors.MethodNotAllowed('GET', 'TORRENT')
  },
}
