import {
  algorithmV4,
  canonicalRequest,
  emptySha256,
  formatTime,
  hmacHex,
  scopeText,
  signingKey,
  stringToSign,
} from '../protocol/signature-v4.ts'
import { encodeUri, encodeUriPath } from '../protocol/uri.ts'

/** An object as commands of the SDK name it. */
export interface ObjectName {
  Bucket: string
  Key: string
  VersionId?: string
}

/** How an object is encrypted, as HeadObject tells it. */
export interface Sealing {
  /** `AES256`, `aws:kms`, `aws:kms:dsse`, `SSE-C`; undefined: it is not encrypted. */
  scheme?: string
  /** The ARN of the KMS key. */
  keyArn?: string
  bucketKey: boolean
}

/** Who asks, and where. */
export interface Asker {
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** ms since the epoch */
  now: () => number
}

/**
 * Asks HeadObject, which asks nothing of KMS: a disabled key is told as well.
 * @throws Error where there is no such object, or the caller may not read it
 */
export async function sealingOf({ Bucket, Key, VersionId }: ObjectName, asker: Asker): Promise<Sealing> {
  const path = `/${Bucket}/${encodeUriPath(Key)}`
  const query: [string, string][] = VersionId === undefined ? [] : [['versionId', VersionId]]
  const target = path + (VersionId === undefined ? '' : `?versionId=${encodeUri(VersionId)}`)
  const response = await fetch(asker.endpoint + target, {
    method: 'HEAD',
    headers: signedHeaders(path, query, asker),
  })
  const header = (name: string) => response.headers.get(`x-amz-server-side-encryption${name}`) ?? undefined
  // Without the customer's key HEAD is refused, and says of what the object lacks nothing more.
  if (response.status === 400) return { scheme: 'SSE-C', bucketKey: false }
  if (response.status !== 200) throw new Error(`HeadObject of s3://${Bucket}/${Key} answered ${response.status}`)
  return {
    scheme: header(''),
    keyArn: header('-aws-kms-key-id'),
    bucketKey: header('-bucket-key-enabled') === 'true',
  }
}

function signedHeaders(
  path: string,
  query: readonly [string, string][],
  { endpoint, region, credentials, now }: Asker,
): Record<string, string> {
  const time = formatTime(now())
  const scope = { date: time.slice(0, 8), region, service: 's3' }
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    'x-amz-content-sha256': emptySha256,
    'x-amz-date': time,
  }
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken
  const names = Object.keys(headers).sort()
  const parts = { method: 'HEAD', path, query, headers, signedHeaders: names, payloadHash: emptySha256 }
  const text = stringToSign(time, scope, canonicalRequest(parts))
  const signature = hmacHex(signingKey(credentials.secretAccessKey, scope), text)
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `${algorithmV4} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}
