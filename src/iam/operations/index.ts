import type { IamOperation } from '../operation.ts'
import * as accessKeys from './access-keys.ts'
import * as account from './account.ts'
import * as attachments from './attachments.ts'
import * as boundaries from './boundaries.ts'
import * as groups from './groups.ts'
import * as inlinePolicies from './inline-policies.ts'
import * as instanceProfiles from './instance-profiles.ts'
import * as managedPolicies from './managed-policies.ts'
import * as nothingThere from './nothing-there.ts'
import * as policyVersions from './policy-versions.ts'
import * as roles from './roles.ts'
import * as simulation from './simulation.ts'
import * as tags from './tags.ts'
import * as users from './users.ts'

/** Every operation of IAM that is here, by name. */
export const iamOperations: ReadonlyMap<string, IamOperation> = new Map(
  [
    users,
    accessKeys,
    groups,
    roles,
    inlinePolicies,
    managedPolicies,
    policyVersions,
    attachments,
    boundaries,
    tags,
    instanceProfiles,
    account,
    nothingThere,
    simulation,
  ]
    .flatMap((family): IamOperation[] => Object.values(family))
    .map((operation) => [operation.name, operation]),
)
