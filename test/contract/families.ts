import { kmsConditions } from './kms-policies/conditions.ts'
import { grants, grantsToOthers } from './kms-policies/grants.ts'
import { foreignKeys, keyPolicies } from './kms-policies/key-policies.ts'
import { kmsFaults } from './precedence/kms.ts'
import { missingObjects, sealedObjects } from './precedence/s3-and-kms.ts'
import { conditions } from './s3-policies/conditions.ts'
import { nobodyAndEverybody, otherAccounts } from './s3-policies/others.ts'
import { ownAccount } from './s3-policies/own-account.ts'
import type { Scenario } from './scenario.ts'

export type Family = keyof typeof families

/** All that is asked. A family has a recording and a test file of its own. */
export const families = {
  's3-policies': [...ownAccount, ...otherAccounts, ...nobodyAndEverybody, ...conditions],
  'kms-policies': [...keyPolicies, ...foreignKeys, ...grants, ...grantsToOthers, ...kmsConditions],
  precedence: [...sealedObjects, ...missingObjects, ...kmsFaults],
} satisfies Record<string, readonly Scenario[]>
