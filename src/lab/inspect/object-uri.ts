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
 * @throws LabRefusal
 */
export function parseObjectUri(uri: string): ObjectAddress {
  const [, bucket, rest] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? []
  if (bucket === undefined || rest === undefined) throw new LabRefusal('wrong', `${uri} is no s3://BUCKET/KEY`)
  const [, key = rest, versionId] = /^(.+)\?versionId=([^?&]+)$/s.exec(rest) ?? []
  return { bucket, key, versionId }
}
