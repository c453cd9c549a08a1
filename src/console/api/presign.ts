import {
  algorithmV4,
  canonicalRequest,
  formatTime,
  hmacHex,
  scopeText,
  signingKey,
  stringToSign,
} from '../../protocol/signature-v4.ts'
import { encodeUri, type QueryPair } from '../../protocol/uri.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import type { ApiContext } from '../services.ts'
import type { ObjectAddress } from './object.ts'

/** In seconds. */
const lifetime = 3600

/** A URL that gives the object to whoever has it, for an hour: signed by the built-in user, as `aws s3 presign` would. */
export function presign(
  { services, settings, ambient, endpoint }: ApiContext,
  { bucket, key, versionId }: ObjectAddress,
): { url: string } {
  const region = services.inProcess.database.get(bucketRecords, [bucket])?.region ?? settings.region
  const time = formatTime(ambient.now())
  const scope = { date: time.slice(0, 8), region, service: 's3' }
  const host = new URL(endpoint).host
  const path = `/${encodeUri(bucket)}/${key.split('/').map(encodeUri).join('/')}`
  const query: QueryPair[] = [
    ['X-Amz-Algorithm', algorithmV4],
    ['X-Amz-Credential', `test/${scopeText(scope)}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(lifetime)],
    ['X-Amz-SignedHeaders', 'host'],
  ]
  if (versionId !== undefined) query.push(['versionId', versionId])
  const signed = {
    method: 'GET',
    path,
    query,
    headers: { host },
    signedHeaders: ['host'],
    payloadHash: 'UNSIGNED-PAYLOAD',
  }
  const signature = hmacHex(signingKey('test', scope), stringToSign(time, scope, canonicalRequest(signed)))
  const sent = [...query, ['X-Amz-Signature', signature] as const]
  return {
    url: `${endpoint}${path}?${sent.map(([name, value]) => `${encodeUri(name)}=${encodeUri(value)}`).join('&')}`,
  }
}
