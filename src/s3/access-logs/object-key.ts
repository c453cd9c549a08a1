import type { Ambient } from '../../ambient.ts'
import type { AccessLogging } from '../configurations/bucket-logging.ts'
import type { AccessLogLine } from '../records/access-log-lines.ts'
import type { BucketRecord } from '../records/buckets.ts'

/*
 * Names of the objects that hold access logs ("Log object key format" in the Amazon S3 User Guide; all times are UTC):
 *
 *   simple         PREFIX 2026-11-29-21-30-05-4E1A…                                              time of the delivery
 *   DeliveryTime   PREFIX ACCOUNT/REGION/BUCKET/2026/11/29/ 2026-11-29-21-30-05-4E1A…            likewise
 *   EventTime      PREFIX ACCOUNT/REGION/BUCKET/2026/11/28/ 2026-11-28-00-00-00-4E1A…            the day of its lines
 */

export interface Partition {
  key: string
  texts: string[]
}

/** @returns one object's worth each; an object whose key has the day of its lines has those of one day */
export function partitions(
  source: BucketRecord,
  { TargetPrefix, TargetObjectKeyFormat: format }: Pick<AccessLogging, 'TargetPrefix' | 'TargetObjectKeyFormat'>,
  lines: readonly AccessLogLine[],
  ambient: Pick<Ambient, 'now' | 'randomBytes'>,
): Partition[] {
  const now = new Date(ambient.now()).toISOString()
  const unique = () => ambient.randomBytes(8).toString('hex').toUpperCase()
  const texts = (some: readonly AccessLogLine[]) => some.map(({ text }) => text)
  if (!format?.PartitionedPrefix) return [{ key: `${TargetPrefix}${nameOf(now)}-${unique()}`, texts: texts(lines) }]
  const place = `${TargetPrefix}${source.ownerAccountId}/${source.region}/${source.name}`
  if (format.PartitionedPrefix.PartitionDateSource !== 'EventTime') {
    return [{ key: `${place}/${dayOf(now)}/${nameOf(now)}-${unique()}`, texts: texts(lines) }]
  }
  return [...byDay(lines)].map(([day, ofDay]) => ({
    key: `${place}/${dayOf(day)}/${nameOf(`${day}T00:00:00`)}-${unique()}`,
    texts: texts(ofDay),
  }))
}

function byDay(lines: readonly AccessLogLine[]): Map<string, AccessLogLine[]> {
  const days = new Map<string, AccessLogLine[]>()
  for (const line of lines) {
    const day = new Date(line.time).toISOString().slice(0, 10)
    const ofDay = days.get(day)
    if (ofDay) ofDay.push(line)
    else days.set(day, [line])
  }
  return days
}

/** `2026-11-29T21:30:05.123Z` → `2026/11/29` */
function dayOf(time: string): string {
  return time.slice(0, 10).replaceAll('-', '/')
}

/** `2026-11-29T21:30:05.123Z` → `2026-11-29-21-30-05` */
function nameOf(time: string): string {
  return time.slice(0, 19).replace('T', '-').replaceAll(':', '-')
}
