import { rootArn } from '../../aws/arn.ts'
import { invalidPrincipal, PolicyMalformed, parsePolicy } from '../../aws/policy-parse.ts'
import { kmsErrors } from '../errors.ts'
import type { ManagedKeyService } from './predefined-aliases.ts'

/** The policy CreateKey gives when the caller brings none: the account's root, and so its identity policies, decide. */
export function defaultPolicy(accountId: string): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: rootArn(accountId) },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    undefined,
    2,
  )
}

/**
 * The policy of an AWS managed key: it serves only calls that its service forwards. AWS's for S3 (evidence: kms-managed-key);
 * those of other services are alike but for the name (assumption).
 */
export function managedPolicy(service: ManagedKeyService, accountId: string, region: string): string {
  const name = service === 's3' ? 'S3' : service
  return JSON.stringify({
    Version: '2012-10-17',
    Id: `auto-${service}-2`,
    Statement: [
      {
        Sid: `Allow access through ${name} for all principals in the account that are authorized to use ${name}`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com`, 'kms:CallerAccount': accountId },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootArn(accountId) },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  })
}

/** Bytes (evidence: kms-quotas). The model's PolicyType allows more. */
const longestPolicy = 32_768

/**
 * Refuses what is no key policy.
 * @throws AwsError MalformedPolicyDocumentException, LimitExceededException
 */
export function checkPolicyDocument(text: string): void {
  if (Buffer.byteLength(text) > longestPolicy) {
    throw kmsErrors.LimitExceededException(`A key policy has at most ${longestPolicy} bytes.`)
  }
  try {
    parsePolicy(text, 'resource')
  } catch (error) {
    if (!(error instanceof PolicyMalformed)) throw error
    throw kmsErrors.MalformedPolicyDocumentException(
      error.message === invalidPrincipal
        ? 'Policy contains a statement with one or more invalid principals.'
        : error.message,
    )
  }
}
