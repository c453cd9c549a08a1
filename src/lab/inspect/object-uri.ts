import { LabRefusal } from '../refusal.ts'

/** An object, or one version of it. */
export interface ObjectAddress {
  bucket: string
  key: string
  /** The current version where it is left out. */
  versionId?: string
}

/**
 * Reads `s3://bucket/key?versionId=…`. A key may hold any character: only such an ending is no part of it.
 * @returns undefined where it is none
 */
export function objectIn(uri: string): ObjectAddress | undefined {
  const [, bucket, rest] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? []
  if (bucket === undefined || rest === undefined) return undefined
  const [, key = rest, versionId] = /^(.+)\?versionId=([^?&]+)$/s.exec(rest) ?? []
  return { bucket, key, versionId }
}

/**
 * Reads it where there must be one.
 * @throws LabRefusal
 */
export function parseObjectUri(uri: string): ObjectAddress {
  const address = objectIn(uri)
  if (address) return address
  throw new LabRefusal('wrong', `${uri} is no s3://BUCKET/KEY`)
}
