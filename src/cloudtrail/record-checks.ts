import { createHash } from 'node:crypto'
import { type CheckContext, fails, faultsWhere, type RecordCheck, recordCheck } from '../store/record-check.ts'
import {
  base64,
  count,
  flag,
  listOf,
  mapOf,
  members,
  object,
  oneOf,
  optional,
  type RecordShape,
  text,
  time,
} from '../store/record-shape.ts'
import { dataEvents } from '../trail/data-events.ts'
import { type UndeliveredEvent, undeliveredEvents } from '../trail/recorders.ts'
import { events, last } from '../trail/stored-event.ts'
import {
  type DeliveryStatus,
  type DigestKeyRecord,
  deliveries,
  digestKeys,
  type LastDigest,
  type LogFile,
  lastDigests,
  type TrailSettings,
  type TrailTag,
  trails,
  undigestedFiles,
} from './records/kinds.ts'
import { trailArn } from './records/trails.ts'
import { purpose } from './signing-key.ts'

/*
 * Trails, and what waits for their files. What a trail that was deleted has left goes in the background, and a bucket that is gone is
 * the trail's status and no fault; but an event that waits is there, unless it is older than what the trail keeps.
 */

const undeliveredShape: RecordShape<UndeliveredEvent> = {
  fault(value) {
    if (!Array.isArray(value)) return 'is no note of an event'
    return time.fault(value[0]) ?? oneOf('Management', 'Data').fault(value[1])
  },
}

export const cloudTrailChecks: readonly RecordCheck[] = [
  recordCheck(
    trails,
    members<TrailSettings>({
      id: text,
      accountId: text,
      homeRegion: text,
      name: text,
      bucket: text,
      prefix: optional(text),
      kmsKeyId: optional(text),
      includesGlobalServices: flag,
      isMultiRegion: flag,
      validatesLogFiles: flag,
      isLogging: flag,
      startedAt: optional(time),
      stoppedAt: optional(time),
      selectors: optional(listOf(object)),
      advancedSelectors: optional(listOf(object)),
      tags: listOf(members<TrailTag>({ Key: text, Value: optional(text) })),
    }),
    async ({ key: [accountId, homeRegion, name], value }, context) => {
      const isOther = value.accountId !== accountId || value.homeRegion !== homeRegion || value.name !== name
      const first = (await ownersOf(context)).get(value.id)
      return faultsWhere(
        [isOther, 'is the record of another trail'],
        [first !== undefined && trailArn(first) !== trailArn(value), 'has the id of another trail'],
      )
    },
    ({ value }) => trailArn(value),
  ),
  recordCheck(
    deliveries,
    members<DeliveryStatus>({
      latestDelivery: optional(time),
      latestError: optional(text),
      latestDigest: optional(time),
      latestDigestError: optional(text),
      refusals: optional(count),
      retryAt: optional(time),
      digestRetryAt: optional(time),
      begun: optional(mapOf(optional(members<{ bucket: string; key: string }>({ bucket: text, key: text })))),
    }),
  ),
  recordCheck(
    undeliveredEvents,
    undeliveredShape,
    async ({ key: [id, , region, sequence], value: [happened, category] }, context) => {
      const trail = (await ownersOf(context)).get(id)
      if (!trail || happened < context.oldestEvent) return []
      const kind = category === 'Data' ? dataEvents : events
      const isMissing = context.records.isMissing(kind, [trail.accountId, region, last - happened, last - sequence])
      return faultsWhere([isMissing, `waits for the files of ${trailArn(trail)}, and there is no such event`])
    },
  ),
  recordCheck(
    undigestedFiles,
    members<LogFile>({ bucket: text, key: text, hash: text, newest: time, oldest: time }),
    ({ value: { newest, oldest } }) => faultsWhere([newest < oldest, 'ends before it begins']),
  ),
  recordCheck(lastDigests, members<LastDigest>({ bucket: text, key: text, hash: text, signature: text, end: time })),
  recordCheck(
    digestKeys,
    members<DigestKeyRecord>({ publicKey: base64, fingerprint: text, sealed: base64, until: time }),
    ({ key: [, , since], value: { publicKey, fingerprint, sealed, until } }, { rootKey }) => {
      const found = createHash('md5').update(Buffer.from(publicKey, 'base64')).digest('hex')
      return faultsWhere(
        [until <= since, 'ends before it begins'],
        [found !== fingerprint, 'has the fingerprint of another key'],
        [fails(() => rootKey.open(purpose, sealed)), 'does not open under the root key'],
      )
    },
  ),
]

/** Trails by their id. */
function ownersOf(context: CheckContext): Promise<ReadonlyMap<string, TrailSettings>> {
  return context.once(trails, async () => {
    const owners = new Map<string, TrailSettings>()
    for await (const { value } of context.records.entries(trails)) {
      if (!owners.has(value.id)) owners.set(value.id, value)
    }
    return owners
  })
}
