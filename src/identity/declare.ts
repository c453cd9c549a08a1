import type { Transaction } from '../store/database.ts'
import { stageName } from './names.ts'
import { type Group, groups, type ManagedPolicy, managedPolicies, policyVersions } from './records.ts'

/** Stages a new group under its name. */
export function addGroup(transaction: Transaction, group: Group): void {
  transaction.put(groups, [group.arn], group)
  stageName(transaction, group.arn)
}

/** Stages a new managed policy, with its first version. */
export function addManagedPolicy(
  transaction: Transaction,
  policy: Omit<ManagedPolicy, 'defaultVersion' | 'newestVersion'>,
): ManagedPolicy {
  const made = { ...policy, defaultVersion: 1, newestVersion: 1 }
  const { arn, document, createdAt = 0 } = made
  transaction.put(managedPolicies, [arn], made)
  transaction.put(policyVersions, [arn, 1], { document, createdAt })
  stageName(transaction, arn)
  return made
}
