/** How what is written is to be sealed. */
export interface SealChoice {
  /** Of x-amz-server-side-encryption; empty: as the bucket has it. */
  scheme: string
  /** Of a KMS scheme; empty: the bucket's key, or alias/aws/s3. */
  keyId?: string
  context?: Readonly<Record<string, string>>
  bucketKey?: boolean
}

/** The headers by which S3 is asked for it. */
export function sealHeaders({ scheme, keyId = '', context = {}, bucketKey }: SealChoice): Record<string, string> {
  if (scheme === '') return {}
  const headers: Record<string, string> = { 'x-amz-server-side-encryption': scheme }
  if (!scheme.startsWith('aws:kms')) return headers
  if (keyId !== '') headers['x-amz-server-side-encryption-aws-kms-key-id'] = keyId
  if (bucketKey) headers['x-amz-server-side-encryption-bucket-key-enabled'] = 'true'
  if (Object.keys(context).length === 0) return headers
  const text = new TextEncoder().encode(JSON.stringify(context))
  headers['x-amz-server-side-encryption-context'] = btoa(String.fromCharCode(...text))
  return headers
}

/** Pairs of lines such as `name=value`. @throws Error where a line is no pair */
export function pairsIn(text: string, sign: '=' | ':'): [string, string][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const place = line.indexOf(sign)
      if (place < 1) throw new Error(`This line is no name${sign}value: ${line}`)
      return [line.slice(0, place).trim(), line.slice(place + 1).trim()]
    })
}
