/** Values of condition keys, as policy evaluation takes them: a key that is absent has no value (`Null: true`). */
export type ConditionValues = Record<string, string[]>

const passedThrough = {
  's3:x-amz-server-side-encryption': 'x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-customer-algorithm': 'x-amz-server-side-encryption-customer-algorithm',
}

/**
 * The condition keys of a write's encryption, for bucket and identity policies. The method is the one the request named: a
 * Deny on `AES256` does not apply to a write that merely gets the bucket's default (evidence: sse-policy-keys). The key is the one
 * that is used.
 * @param headers of the request, lower case
 * @param keyArn the ARN of the KMS key that will be used, when there is one
 */
export function encryptionConditionKeys(headers: Readonly<Record<string, string>>, keyArn?: string): ConditionValues {
  const values: ConditionValues = {}
  for (const [name, header] of Object.entries(passedThrough)) {
    const value = headers[header]
    if (value !== undefined) values[name] = [value]
  }
  if (keyArn !== undefined) values['s3:x-amz-server-side-encryption-aws-kms-key-id'] = [keyArn]
  return values
}
