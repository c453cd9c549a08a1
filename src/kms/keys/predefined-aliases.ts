/*
 * The aliases of AWS managed keys. The key behind one is made when its service first needs it, or when somebody describes it
 * (DescribeKey's API reference). What it says of itself is AWS's (recorded).
 */

/** By service: what its key protects. */
const protectedBy = {
  s3: 'S3 objects',
} as const

/** A service with an AWS managed key. */
export type ManagedKeyService = keyof typeof protectedBy

/** The alias of the key that S3 uses when no other is named. */
export const s3Alias = 'alias/aws/s3'

/** In order of their names. */
export const predefinedAliases: readonly string[] = Object.keys(protectedBy).map((service) => `alias/aws/${service}`)

export function isPredefinedAlias(name: string): boolean {
  return name.startsWith('alias/aws/') && predefinedAliases.includes(name)
}

/** The service whose predefined alias this is. @throws Error when there is none */
export function serviceOf(aliasName: string): ManagedKeyService {
  const service = aliasName.slice('alias/aws/'.length)
  if (isService(service)) return service
  throw new Error(`${aliasName} is no predefined alias`)
}

export function descriptionOf(service: ManagedKeyService): string {
  return `Default key that protects my ${protectedBy[service]} when no other key is defined`
}

function isService(name: string): name is ManagedKeyService {
  return Object.hasOwn(protectedBy, name)
}
