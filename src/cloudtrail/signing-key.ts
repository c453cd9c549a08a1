import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { CloudTrailServices } from './operation.ts'
import { type DigestKeyRecord, digestKeys } from './records/kinds.ts'

/*
 * The keys that sign digests: one for each account and Region, for a year. AWS has one for each Region, and rotates them as it likes
 * (ListPublicKeys, CloudTrail API reference). The private one is sealed at rest.
 */

type Services = Pick<CloudTrailServices, 'database' | 'rootKey'>

const validFor = 365 * 86_400_000
const hour = 3_600_000
export const purpose = 'key of CloudTrail digests'
const generate = promisify(generateKeyPair)

export interface SigningKey {
  fingerprint: string
  /** SHA256withRSA. @returns hex */
  sign(text: string): string
}

export interface PublicKey {
  /** PKCS #1, DER, base64 */
  value: string
  fingerprint: string
  /** ms since the epoch */
  since: number
  until: number
}

/** The key of an account in a Region at a moment (ms since the epoch); made where there is none. */
export async function signingKeyAt(
  services: Services,
  accountId: string,
  region: string,
  time: number,
): Promise<SigningKey> {
  const record = (await keyAt(services, accountId, region, time)) ?? (await makeKey(services, accountId, region, time))
  const der = services.rootKey.open(purpose, record.sealed)
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    fingerprint: record.fingerprint,
    sign: (text) => sign('sha256', Buffer.from(text), privateKey).toString('hex'),
  }
}

/** Keys that are valid at some moment of a time, both ends included. */
export async function publicKeysWithin(
  { database }: Pick<Services, 'database'>,
  [accountId, region]: readonly [string, string],
  [from, to]: readonly [number, number],
): Promise<PublicKey[]> {
  const found: PublicKey[] = []
  for await (const { key, value } of database.entries(digestKeys, { within: [accountId, region] })) {
    const [, , since] = key
    const { publicKey, fingerprint, until } = value
    if (since <= to && until >= from) found.push({ value: publicKey, fingerprint, since, until })
  }
  return found
}

async function keyAt({ database }: Services, accountId: string, region: string, time: number) {
  let found: DigestKeyRecord | undefined
  for await (const { key, value } of database.entries(digestKeys, { within: [accountId, region] })) {
    if (key[2] <= time && time < value.until) found = value
  }
  return found
}

async function makeKey({ database, rootKey }: Services, accountId: string, region: string, time: number) {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  const publicKey = publicDer(privateKey)
  const since = Math.floor(time / hour) * hour
  const record: DigestKeyRecord = {
    publicKey: publicKey.toString('base64'),
    fingerprint: createHash('md5').update(publicKey).digest('hex'),
    sealed: rootKey.seal(purpose, privateKey.export({ format: 'der', type: 'pkcs8' })),
    until: since + validFor,
  }
  await database.transact((transaction) => transaction.put(digestKeys, [accountId, region, since], record))
  return record
}

function publicDer(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'pkcs1' })
}
