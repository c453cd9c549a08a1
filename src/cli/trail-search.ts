import { beginningWithDate, readMoment } from '../calendar.ts'
import { dataEvents } from '../control/routes/data-events.ts'
import { kmsOperationNames } from '../kms/service.ts'
import { OptionFault } from '../options.ts'
import { operations } from '../s3/operations/index.ts'
import type { TrailRecord } from '../trail/event.ts'
import { contextsOf, userNameOf } from '../trail/event-attributes.ts'
import type { Client, ClientFlags } from './client.ts'
import { listKeys } from './keys.ts'

/* Which events `trail` shows: LookupEvents narrows by one attribute and by time, the rest is sorted out here. */

export interface SearchFlags extends ClientFlags {
  /** Events of this name only, in any case. */
  event?: string
  /** Events on this key only: id, ARN, alias or alias ARN. */
  key?: string
  /** Calls of this user or role session only: name or ARN. */
  caller?: string
  /** `name=value`: events with these pairs in their encryption context only. */
  context?: readonly string[]
  /** What S3 did with objects instead; the emulator was started with `--trail-data-events`. */
  dataEvents?: boolean
  /** Failed calls only. */
  errors?: boolean
  /** A time, or how long ago: `2026-11-22T06:43:00Z`, `15m`. */
  since?: string
  until?: string
}

export interface Search {
  dataEvents?: boolean
  attribute?: { AttributeKey: string; AttributeValue: string }
  passes: (record: TrailRecord) => boolean
  /** ms since the epoch */
  since?: number
  until?: number
}

/** What KMS does by itself has names of its own. */
const serviceEvents = ['DeleteKey', 'RotateKey', 'DeleteExpiredKeyMaterial']
const unitLengths: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * @param now ms since the epoch
 * @throws OptionFault for a flag that cannot be read; Error when the key is not there
 */
export async function searchOf(flags: SearchFlags, client: Client, now: number): Promise<Search> {
  const event = flags.event === undefined ? undefined : eventNameOf(flags.event)
  const since = flags.since === undefined ? undefined : timeOf('--since', flags.since, now)
  const until = flags.until === undefined ? undefined : timeOf('--until', flags.until, now)
  if (since !== undefined && until !== undefined && since > until) throw new OptionFault('--since is after --until')
  const passes = filterOf({ ...flags, event })
  if (flags.dataEvents) return { dataEvents: true, passes, since, until }
  return { attribute: await attributeOf({ ...flags, event }, client), passes, since, until }
}

/**
 * The newest events that pass, oldest first.
 * @param limit how many
 */
export async function newest(client: Client, search: Search, limit = Infinity): Promise<TrailRecord[]> {
  if (search.dataEvents) return newestDataEvents(client, search, limit)
  const { attribute, passes, since, until } = search
  const found: TrailRecord[] = []
  let NextToken: unknown
  const input = { LookupAttributes: attribute && [attribute], StartTime: inSeconds(since), EndTime: inSeconds(until) }
  do {
    const page = await client.call('cloudtrail', 'LookupEvents', { ...input, NextToken })
    found.push(...recordsOf(page).filter(passes))
    NextToken = page.NextToken
  } while (NextToken !== undefined && found.length < limit)
  return found.slice(0, limit).reverse()
}

async function newestDataEvents(
  client: Client,
  { passes, since, until }: Search,
  limit: number,
): Promise<TrailRecord[]> {
  const found: TrailRecord[] = []
  const query = { region: client.region, limit: '500', since: since === undefined ? undefined : String(since) }
  let after: string | undefined
  do {
    const { records, next } = await client.control(dataEvents, { ...query, after })
    const own = (records as TrailRecord[]).filter(
      (record) => until === undefined || Date.parse(record.eventTime) <= until,
    )
    found.push(...own.filter(passes))
    after = next
  } while (after !== undefined && found.length < limit)
  return found.slice(0, limit).reverse()
}

/** An event's name as it is written, which LookupEvents asks for. */
function eventNameOf(given: string): string {
  const names = [...kmsOperationNames(), ...operations.map(({ name }) => name), ...serviceEvents]
  return names.find((name) => name.toLowerCase() === given.toLowerCase()) ?? given
}

export function timeOf(flag: string, text: string, now: number): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ago = Number(count) * (unitLengths[unit] ?? 0)
  const time = count !== '' ? now - ago : readMoment(text, beginningWithDate)
  if (time !== undefined) return time
  throw new OptionFault(
    `${flag} must be a time such as 2026-11-22T06:43:00Z, or how long ago, such as 15m, not '${text}'`,
  )
}

function filterOf({ event, caller, context = [], errors }: SearchFlags): (record: TrailRecord) => boolean {
  const pairs = context.map(readPair)
  return (record) => {
    if (event !== undefined && record.eventName !== event) return false
    if (caller !== undefined && userNameOf(record) !== caller && record.userIdentity.arn !== caller) return false
    if (errors && record.errorCode === undefined) return false
    const contexts = contextsOf(record)
    return pairs.every(([name, value]) => contexts.some((own) => Object.hasOwn(own, name) && own[name] === value))
  }
}

export function readPair(text: string): [string, string] {
  const mark = text.indexOf('=')
  if (mark < 1) throw new OptionFault(`--context ${text}: it has the form name=value`)
  return [text.slice(0, mark), text.slice(mark + 1)]
}

/** LookupEvents takes one attribute: the key narrows most. */
async function attributeOf({ key, event, caller }: SearchFlags, client: Client): Promise<Search['attribute']> {
  if (key !== undefined) return { AttributeKey: 'ResourceName', AttributeValue: await keyArnOf(key, client) }
  if (event !== undefined) return { AttributeKey: 'EventName', AttributeValue: event }
  if (caller === undefined || caller.startsWith('arn:')) return undefined
  return { AttributeKey: 'Username', AttributeValue: caller }
}

async function keyArnOf(key: string, client: Client): Promise<string> {
  if (/^arn:[^:]+:kms:[^:]+:\d{12}:key\//.test(key)) return key
  const name = key.slice(key.indexOf('alias/'))
  if (!key.includes('alias/')) return `arn:aws:kms:${client.region}:${await client.accountId()}:key/${key}`
  const named = (await listKeys(client)).find(({ Aliases }) => Aliases.includes(name))
  if (!named) throw new Error(`${name} names no key in ${client.region}`)
  return named.Arn
}

function recordsOf({ Events }: Record<string, unknown>): TrailRecord[] {
  if (!Array.isArray(Events)) return []
  return Events.map(({ CloudTrailEvent }: { CloudTrailEvent: string }): TrailRecord => JSON.parse(CloudTrailEvent))
}

function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000
}
