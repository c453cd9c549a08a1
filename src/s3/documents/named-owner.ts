import { displayName } from '../../aws/caller.ts'
import type { XmlElement } from '../../protocol/rest-xml.ts'
import type { S3Settings } from '../settings.ts'

/**
 * An owner or a grantee as S3 shows it. Until November 2025 it had a name beside its id, so that it has one under the defaults of
 * earlier years and none under today's (evidence: s3-display-name).
 * @param id canonical user id
 */
export function namedOwner(id: string, { bucketDefaults }: Pick<S3Settings, 'bucketDefaults'>): XmlElement {
  return bucketDefaults === 'current' ? { ID: id } : { ID: id, DisplayName: displayName(id) }
}
