import { s3Errors } from '../../errors.ts'
import { onVersion } from '../../needs.ts'
import { findObject } from '../../objects/read.ts'
import type { ObjectOperation } from '../../operation.ts'

/**
 * There are no torrents here, and on AWS none of objects under a customer's key, for which the refusal's words are assumed to be those
 * of other operations that do not fit. Source: GetObjectTorrent, Amazon S3 API Reference (evidence: s3-torrent).
 */
export const GetObjectTorrent: ObjectOperation = {
  name: 'GetObjectTorrent',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?torrent',
  needs: onVersion(['s3:GetObject'], ['s3:GetObjectVersion']),
  differs: 'refuses SSE-C objects, as AWS does; there are no torrents of others: 501 NotImplemented',
  async handle(services, { bucket, key, query }) {
    const { record } = findObject(services, bucket.name, key, query.get('versionId'))
    if (record.envelope.scheme === 'SSE-C') {
      throw s3Errors.InvalidRequest('Torrents are not supported for objects encrypted using SSE-C.')
    }
    throw s3Errors.NotImplemented('The operation GetObjectTorrent is not implemented by this emulator', {
      Operation: 'GetObjectTorrent',
    })
  },
}
