import { type ManagedPolicy, policyVersions } from '../../identity/records.ts'
import type { Place } from './entities.ts'

export interface Version {
  version: number
  isDefault: boolean
  document: string
  /** ms since the epoch */
  createdAt: number
}

/** The versions of a policy, oldest first. AWS's own policies have one here. */
export async function versionsOf(
  { transaction }: Pick<Place, 'transaction'>,
  policy: ManagedPolicy,
): Promise<Version[]> {
  const { arn, defaultVersion, document, createdAt = 0 } = policy
  const versions: Version[] = []
  for await (const { key, value } of transaction.entries(policyVersions, { within: [arn] })) {
    versions.push({ version: key[1], isDefault: key[1] === defaultVersion, ...value })
  }
  if (versions.length > 0) return versions
  return [{ version: defaultVersion, isDefault: true, document, createdAt }]
}

/** A version in an answer, without its document. */
export function versionMember({ version, isDefault, createdAt }: Omit<Version, 'document'>) {
  return { VersionId: `v${version}`, IsDefaultVersion: isDefault, CreateDate: new Date(createdAt) }
}
