/** An Amazon Resource Name cut into its six fields. Source: AWS General Reference, "Amazon Resource Names". */
export interface Arn {
  partition: string
  service: string
  region: string
  accountId: string
  resource: string
}

/**
 * Cuts an ARN into its fields.
 * @returns undefined when the text has not the form `arn:partition:service:region:account:resource`
 */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text)
  if (!match) return undefined
  const [, partition = '', service = '', region = '', accountId = '', resource = ''] = match
  return { partition, service, region, accountId, resource }
}

/** Whether a name can stand for a Region, in ARNs and hosts: any that AWS has, and any that a client made up, such as `local`. */
export function canBeRegion(name: string): boolean {
  return /^[A-Za-z\d-]{1,63}$/.test(name)
}

export function keyArn(region: string, accountId: string, keyId: string): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`
}

/** @param aliasName with its prefix, `alias/…` */
export function aliasArn(region: string, accountId: string, aliasName: string): string {
  return `arn:aws:kms:${region}:${accountId}:${aliasName}`
}

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`
}

export function rootArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:root`
}
