import type { ListedKey as AnyKey } from '../kms/keys/key-list.ts'

/** A KMS key, as DescribeKey shows it, with its aliases. */
export interface ListedKey {
  Arn: string
  KeyId: string
  AWSAccountId: string
  Description: string
  Enabled: boolean
  /** `Enabled`, `Disabled`, `PendingDeletion` … */
  KeyState: string
  KeySpec: string
  KeyUsage: string
  KeyManager: string
  Origin: string
  MultiRegion: boolean
  Aliases: string[]
}

/** The key among these that an id, ARN, alias or alias ARN names. */
export function keyNamed(name: string, keys: readonly ListedKey[]): ListedKey | undefined {
  const alias = name.includes('alias/') ? name.slice(name.indexOf('alias/')) : undefined
  return keys.find(({ Arn, KeyId, Aliases }) => {
    return alias === undefined ? Arn === name || KeyId === name : Aliases.includes(alias)
  })
}

/** What the control API answers; that it fits is what the compiler checks here. */
export function listedKeysOf(answered: object[]): ListedKey[] {
  return answered as AnyKey[]
}
