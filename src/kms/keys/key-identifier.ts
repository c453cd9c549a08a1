import { aliasArn, keyArn, parseArn } from '../../aws/arn.ts'
import { AwsError } from '../../aws/errors.ts'
import type { Reader } from '../../store/database.ts'
import { kmsErrors } from '../errors.ts'
import type { KeyRecord } from './key.ts'
import { findAlias, findKey, type Place } from './key-store.ts'

/** Where a key would be, whether or not it is there. */
export interface KeyAddress extends Place {
  keyId: string
}

const keyIdForm = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/

export function isKeyId(text: string): boolean {
  return keyIdForm.test(text)
}

export interface Identified {
  place: Place
  keyId?: string
  aliasName?: string
}

/**
 * Reads a key identifier in any form AWS takes: key id, key ARN, alias name, alias ARN.
 * @param place where bare ids and names are looked up: the caller's account in the called Region
 * @throws AwsError NotFoundException in AWS's words (evidence: kms-key-not-found)
 */
export function parseIdentifier(identifier: string, place: Place): Identified {
  if (identifier.startsWith('arn:')) return parseKeyArn(identifier, place)
  if (identifier.startsWith('alias/')) return { place, aliasName: identifier }
  if (!isKeyId(identifier)) throw kmsErrors.NotFoundException(`Invalid keyId '${identifier}'`)
  return { place, keyId: identifier }
}

function parseKeyArn(identifier: string, { region }: Place): Identified {
  const arn = parseArn(identifier)
  if (arn?.service !== 'kms' || arn.partition !== 'aws') throw kmsErrors.NotFoundException(`Invalid arn ${identifier}`)
  if (arn.region !== region) throw kmsErrors.NotFoundException(`Invalid arn ${arn.region}`)
  const place = { accountId: arn.accountId, region }
  if (arn.resource.startsWith('alias/')) return { place, aliasName: arn.resource }
  const keyId = arn.resource.startsWith('key/') ? arn.resource.slice('key/'.length) : ''
  if (!isKeyId(keyId)) throw kmsErrors.NotFoundException(`Invalid keyId '${keyId || arn.resource}'`)
  return { place, keyId }
}

/** The key of an identifier in any form; undefined where there is none, or the text is none. */
export function findNamedKey(reader: Reader, from: Place, identifier: string, now: number): KeyRecord | undefined {
  const { place, keyId, aliasName } = readIdentifier(identifier, from) ?? { place: from }
  const found = keyId ?? (aliasName && findAlias(reader, place, aliasName, now)?.targetKeyId)
  return found ? findKey(reader, place.region, found, now) : undefined
}

function readIdentifier(identifier: string, place: Place): Identified | undefined {
  try {
    return parseIdentifier(identifier, place)
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}

/** @throws AwsError NotFoundException when there is no such alias (evidence: kms-alias-not-found) */
export function followAlias(reader: Reader, place: Place, aliasName: string, now: number): KeyAddress {
  const alias = findAlias(reader, place, aliasName, now)
  if (!alias) throw aliasNotFound(place, aliasName)
  return addressOf(place, alias.targetKeyId)
}

export function addressOf({ accountId, region }: Place, keyId: string): KeyAddress {
  return { accountId, region, keyId }
}

export function aliasNotFound({ accountId, region }: Place, aliasName: string) {
  return kmsErrors.NotFoundException(`Alias ${aliasArn(region, accountId, aliasName)} is not found.`)
}

export function keyNotFound({ region, accountId, keyId }: KeyAddress) {
  return kmsErrors.NotFoundException(`Key '${keyArn(region, accountId, keyId)}' does not exist`)
}
