import type { RootKey } from '../../root-key.ts'
import type { GrantAddress } from './grant-store.ts'

/*
 * A grant token: where the grant is, sealed under the root key. Nobody can make one but CreateGrant, each is another text,
 * all of one grant serve alike, and nothing of it is stored.
 */

const purpose = 'kms grant token'

export function makeGrantToken(rootKey: RootKey, { region, keyId, grantId }: GrantAddress): string {
  return rootKey.seal(purpose, Buffer.from(JSON.stringify([region, keyId, grantId])))
}

/** @returns undefined when CreateGrant never gave it out */
export function readGrantToken(rootKey: RootKey, token: string): GrantAddress | undefined {
  if (Buffer.from(token, 'base64').toString('base64') !== token) return undefined
  try {
    const [region, keyId, grantId]: string[] = JSON.parse(rootKey.open(purpose, token).toString())
    return region && keyId && grantId ? { region, keyId, grantId } : undefined
  } catch {
    return undefined
  }
}
