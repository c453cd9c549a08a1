/*
 * The aliases of AWS managed keys. They are in every account and Region from the beginning; the key behind one is made when
 * its service first needs it, or when somebody describes it (evidence: kms-predefined-aliases). Here only S3 ever uses its own;
 * the others are there to be listed and described. What their keys say of themselves is formed after S3's (evidence:
 * kms-managed-key).
 */

/** By service: what its key protects. */
const protectedBy = {
  acm: 'ACM private keys',
  dynamodb: 'DynamoDB data',
  ebs: 'EBS volumes',
  elasticfilesystem: 'EFS filesystems',
  es: 'Elasticsearch data',
  glue: 'Glue data',
  kinesisvideo: 'Kinesis Video Streams data',
  lambda: 'Lambda functions',
  rds: 'RDS database volumes',
  redshift: 'Redshift clusters',
  s3: 'S3 objects',
  ssm: 'SSM parameters',
  xray: 'X-Ray data',
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
