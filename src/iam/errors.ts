import { errorCatalogue } from '../aws/errors.ts'

const refused = (status: number) => (message: string) => ({ message, status })

/** The errors of IAM, with the status that its model gives each code. */
export const iamErrors = errorCatalogue({
  AccessDenied: refused(403),
  DeleteConflict: refused(409),
  EntityAlreadyExists: refused(409),
  InvalidAction: refused(400),
  InvalidClientTokenId: () => ({ message: 'The security token included in the request is invalid.', status: 403 }),
  InvalidInput: refused(400),
  LimitExceeded: refused(409),
  MalformedPolicyDocument: refused(400),
  NoSuchEntity: refused(404),
  ValidationError: refused(400),
})

/** What quotas are called, and how much they allow (IAM User Guide, "IAM and AWS STS quotas"). */
export const quotas = {
  AccessKeysPerUser: 2,
  ACLSizePerRole: 2048,
  GroupsPerAccount: 300,
  GroupsPerUser: 10,
  InstanceProfilesPerAccount: 1000,
  InstanceSessionsPerInstanceProfile: 1,
  PoliciesPerAccount: 1500,
  PoliciesPerGroup: 10,
  PoliciesPerRole: 10,
  PoliciesPerUser: 10,
  PolicySize: 6144,
  RolesPerAccount: 1000,
  UsersPerAccount: 5000,
} as const

/** @throws AwsError LimitExceeded when `count` is more than the quota allows */
export function requireQuota(name: keyof typeof quotas, count: number): void {
  if (count > quotas[name]) throw iamErrors.LimitExceeded(`Cannot exceed quota for ${name}: ${quotas[name]}`)
}
