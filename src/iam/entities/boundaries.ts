import { awsManagedPolicies } from '../../identity/aws-managed-policies.ts'
import { managedPolicies } from '../../identity/records.ts'
import { iamErrors } from '../errors.ts'
import type { IamCall } from '../operation.ts'

/**
 * The managed policy that is to be a permissions boundary.
 * @throws AwsError InvalidInput for an ARN of another kind, NoSuchEntity
 */
export function boundaryOf({ transaction, accountId }: IamCall, arn: string | undefined): string | undefined {
  if (arn === undefined) return undefined
  if (!/^arn:aws:iam::(\d{12}|aws):policy\/.+/.test(arn)) throw iamErrors.InvalidInput(`ARN ${arn} is not valid.`)
  const isOwn = arn.startsWith(`arn:aws:iam::${accountId}:`) && transaction.get(managedPolicies, [arn]) !== undefined
  if (isOwn || awsManagedPolicies.has(arn)) return arn
  throw iamErrors.NoSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`)
}
