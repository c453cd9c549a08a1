import type { Transaction } from '../../../store/database.ts'
import { readXmlBody } from '../../documents/xml-body.ts'
import { integer, required, string, structure, type ValueOf } from '../../documents/xml-shapes.ts'
import { s3Errors } from '../../errors.ts'
import { onObject } from '../../needs.ts'
import { amendObject } from '../../objects/amend.ts'
import { isArchived } from '../../objects/archive.ts'
import { findObject, findTouched } from '../../objects/read.ts'
import { stageRestoreMoments } from '../../objects/restore-events.ts'
import { shownVersion } from '../../objects/version-ids.ts'
import type { ObjectOperation } from '../../operation.ts'
import { storageClassOf } from '../../records/object-attributes.ts'
import type { ObjectRecord } from '../../records/object-record.ts'
import {
  expiryAfter,
  type RestoreRecord,
  type RestoreTier,
  restoreStateAt,
  retrievalTime,
} from '../../records/restore.ts'

/*
 * Asks for a copy of an archived object:
 *
 *   none ─ 202 ─▶ ongoing ─ time ─▶ restored ─ 200, other days ─▶ restored ─ time ─▶ none
 *                   └ 202 for the same days by a faster tier; else 409
 *
 * Sources: RestoreObject in the Amazon S3 API Reference (evidence: s3-restore).
 */

/** The fastest first. */
const tiers: readonly RestoreTier[] = ['Expedited', 'Standard', 'Bulk']

const RestoreRequest = structure({
  Days: integer(),
  GlacierJobParameters: structure({ Tier: required(string()) }),
  Type: string(),
  Description: string(),
})

export const RestoreObject: ObjectOperation = {
  name: 'RestoreObject',
  level: 'object',
  route: 'POST /{Bucket}/{Key+}?restore',
  addressing: ['versionId'],
  needs: onObject('s3:RestoreObject'),
  differs:
    'a copy is there after the longest time that AWS gives for its tier, or after --restore-time; select jobs are refused, as AWS does for new customers',
  async handle(services, request) {
    const { bucket, key, query } = request
    const asked = readRestore(await readXmlBody(request, 'RestoreRequest', 'optional'))
    const named = query.has('versionId')
    const found = named ? findTouched(services, request) : findObject(services, bucket, key)
    checkRestorable(found.record, asked)
    const now = services.ambient.now()
    const timeOf = (record: ObjectRecord) =>
      services.settings.restoreTime ?? retrievalTime(asked.tier, storageClassOf(record))
    let status = 202
    const change = (record: ObjectRecord, transaction: Transaction) => {
      checkRestorable(record, asked)
      if (restoreStateAt(record, now) === 'restored') status = 200
      const restore = restored(record, { ...asked, readyAt: now + timeOf(record) }, now)
      stageRestoreMoments(transaction, [bucket.name, key, record.versionId], restore, now)
      return { ...record, restore }
    }
    const changed = await amendObject(services, request, found.record.versionId, change, 'ObjectRestore:Post')
    return { status, headers: { 'x-amz-version-id': shownVersion(bucket, changed) } }
  },
}

interface AskedRestore {
  /** Undefined: for objects of the class INTELLIGENT_TIERING alone. */
  days: number | undefined
  tier: RestoreTier
  isSelect: boolean
}

function readRestore(document: Parameters<typeof RestoreRequest.read>[0] | undefined): AskedRestore {
  if (!document) throw s3Errors.MalformedXML()
  const { Days: days, GlacierJobParameters, Type }: ValueOf<typeof RestoreRequest> = RestoreRequest.read(document)
  const tier = tiers.find((candidate) => candidate === (GlacierJobParameters?.Tier ?? 'Standard'))
  if (!tier || (Type !== undefined && Type !== 'SELECT')) throw s3Errors.MalformedXML()
  if (days !== undefined && days < 1) {
    throw s3Errors.InvalidArgument('restoration days should be at least 1', 'Days', String(days))
  }
  return { days, tier, isSelect: Type === 'SELECT' }
}

/** @throws AwsError InvalidObjectState, InvalidRequest, MalformedXML, MethodNotAllowed, InvalidTier */
function checkRestorable(record: ObjectRecord, { days, tier, isSelect }: AskedRestore): void {
  const storageClass = storageClassOf(record)
  if (storageClass === 'INTELLIGENT_TIERING' && days !== undefined) {
    throw s3Errors.InvalidRequest('Days cannot be specified for objects in the INTELLIGENT_TIERING storage class.')
  }
  if (days === undefined && !isSelect && storageClass !== 'INTELLIGENT_TIERING') throw s3Errors.MalformedXML()
  if (!isArchived(record)) {
    throw s3Errors.InvalidObjectState("Restore is not allowed for the object's current storage class")
  }
  if (isSelect) throw s3Errors.MethodNotAllowed('POST', 'OBJECT')
  if (storageClass === 'DEEP_ARCHIVE' && tier === 'Expedited') throw s3Errors.InvalidTier()
}

/** @throws AwsError RestoreAlreadyInProgress */
function restored(
  record: ObjectRecord,
  { days = 1, tier, readyAt }: AskedRestore & { readyAt: number },
  now: number,
): RestoreRecord {
  const state = restoreStateAt(record, now)
  const known = record.restore
  if (known && state === 'restored') return { ...known, days, expiresAt: expiryAfter(now, days) }
  if (!known || state === 'none') return { tier, days, readyAt, expiresAt: expiryAfter(readyAt, days) }
  const isFaster = tiers.indexOf(tier) < tiers.indexOf(known.tier)
  if (days !== known.days || !isFaster) throw s3Errors.RestoreAlreadyInProgress()
  const sooner = Math.min(readyAt, known.readyAt)
  return { tier, days, readyAt: sooner, expiresAt: expiryAfter(sooner, days) }
}
