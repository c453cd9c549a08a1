import { enumeration, integer, list, required, string, structure } from '../protocol/shapes.ts'

/* Members that many operations share, as AWS's model (iam 2010-05-08) has them. */

const name = (max: number) => string({ min: 1, max, pattern: '^[\\w+=,.@-]+$' })

export const UserName = name(64)
/** Of a user that may be there already. */
export const ExistingUserName = name(128)
export const RoleName = name(64)
export const GroupName = name(128)
export const PolicyName = name(128)
export const InstanceProfileName = name(128)
export const Path = string({ min: 1, max: 512, pattern: '^((\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F))$' })
export const PolicyPath = string({ min: 1, max: 512, pattern: '^((/[A-Za-z0-9\\.,\\+@=_-]+)*)/$' })
/** Of listings of what users, roles, groups and profiles are; of policies it is a path. */
export const PathPrefix = string({ min: 1, max: 512, pattern: '^\\u002F[\\u0021-\\u007F]*$' })
export const Arn = string({ min: 20, max: 2048 })
export const PolicyDocument = string({
  min: 1,
  max: 131_072,
  pattern: '^[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+$',
})
export const VersionId = string({ pattern: '^v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?$' })
export const AccessKeyId = string({ min: 16, max: 128, pattern: '^[\\w]+$' })
export const Status = enumeration(['Active', 'Inactive'])
export const RoleDescription = string({
  max: 1000,
  pattern: '^[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*$',
})
export const PolicyDescription = string({ max: 1000 })
export const MaxSessionDuration = integer({ min: 3600, max: 43_200 })

const TagKey = string({ min: 1, max: 128, pattern: '^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+$' })
const TagValue = string({ min: 0, max: 256, pattern: '^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$' })
export const Tags = list(structure({ Key: required(TagKey), Value: required(TagValue) }), { max: 50 })
export const TagKeys = list(TagKey, { max: 50 })

/** Of every listing. */
export const paging = {
  Marker: string({ min: 1, max: 320, pattern: '^[\\u0020-\\u00FF]+$' }),
  MaxItems: integer({ min: 1, max: 1000 }),
}

/** What IAM says of texts that are not of their pattern (evidence: iam-invalid-words). @param member `userName` */
export function sentenceOf(member: string): string | undefined {
  const invalid = `The specified value for ${member} is invalid. It must`
  if (/^new?[A-Z]?\w*Name$|Name$/.test(member)) {
    return `${invalid} contain only alphanumeric characters and/or the following: +=,.@_-`
  }
  const characters = 'contain only alphanumeric characters and/or / characters.'
  if (/^(path|newPath)$/.test(member)) return `${invalid} begin and end with / and ${characters}`
  if (member === 'pathPrefix') return `${invalid} begin with the / character and ${characters}`
  if (/^(policyDocument|assumeRolePolicyDocument)$/.test(member)) {
    return `${invalid} contain only printable ASCII characters.`
  }
  return member === 'marker' ? 'Invalid Marker.' : undefined
}
