import { required, structure } from '../../protocol/shapes.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { arnOf, type KeyRecord, seconds } from '../keys/key.ts'
import { isUse } from '../keys/uses.ts'
import { type KmsServices, kmsOperation } from '../operation.ts'
import { KeyId } from '../shapes.ts'

const pageLength = 50

export const GetKeyLastUsage = kmsOperation({
  name: 'GetKeyLastUsage',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: true,
  differs: 'It is read from the trail: uses before its retention are forgotten.',
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId'] },
  async handle({ services }, { targets: [{ key }] }) {
    const use = await lastUse(services, key)
    const KeyLastUsage = use && {
      Operation: use.eventName,
      Timestamp: seconds(Date.parse(use.eventTime)),
      CloudTrailEventId: use.eventID,
      KmsRequestId: use.requestID,
    }
    const output = {
      KeyId: key.keyId,
      KeyLastUsage: KeyLastUsage ?? {},
      TrackingStartDate: seconds(Math.max(key.creationDate, services.trail.oldestKept())),
      KeyCreationDate: seconds(key.creationDate),
    }
    return { output }
  },
})

/** The trail knows: every call is in it, of the key owner's account also those of other accounts. */
async function lastUse({ trail }: KmsServices, key: KeyRecord): Promise<TrailRecord | undefined> {
  const { accountId, region } = key
  const attribute = { key: 'ResourceName', value: arnOf(key) } as const
  let after: [number, number] | undefined
  do {
    const page = await trail.lookup({ accountId, region, attribute, after, limit: pageLength })
    const use = page.records.find(isUse)
    if (use) return use
    after = page.next
  } while (after)
  return undefined
}
