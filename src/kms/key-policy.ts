import { rootArn } from '../aws/arn.ts'
import { kmsErrors } from './errors.ts'

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

/** What the policy of an AWS managed key allows the principals of its account (captured policy of `alias/aws/s3`). */
export const managedKeyActions = {
  throughService: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
  direct: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
} as const

/** The policy of `alias/aws/s3`, as captured from AWS. */
export function s3ManagedPolicy(accountId: string, region: string): string {
  const { throughService, direct } = managedKeyActions
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'auto-s3-2',
    Statement: [
      {
        Sid: 'Allow access through S3 for all principals in the account that are authorized to use S3',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: throughService,
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com`, 'kms:CallerAccount': accountId },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootArn(accountId) },
        Action: direct,
        Resource: '*',
      },
    ],
  })
}

/**
 * Refuses what is no policy document: JSON with a Version and statements of Effect, Principal, Action and Resource.
 * @throws AwsError MalformedPolicyDocumentException
 */
export function checkPolicyDocument(text: string): void {
  const document = parsed(text)
  if (!isRecord(document)) throw malformed('Policy is not valid JSON.')
  if (document.Version !== undefined && document.Version !== '2012-10-17' && document.Version !== '2008-10-17') {
    throw malformed('Policy has an unknown Version.')
  }
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement]
  for (const statement of statements) checkStatement(statement)
}

function checkStatement(statement: unknown): void {
  if (!isRecord(statement)) throw malformed('Policy must contain statements.')
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw malformed('Policy contains a statement without a valid Effect.')
  }
  for (const element of ['Principal', 'Action', 'Resource']) {
    if (statement[element] !== undefined || statement[`Not${element}`] !== undefined) continue
    throw malformed(`Policy contains a statement with no ${element.toLowerCase()}.`)
  }
}

function malformed(message: string) {
  return kmsErrors.MalformedPolicyDocumentException(message)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
