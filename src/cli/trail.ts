import { setTimeout as pause } from 'node:timers/promises'
import type { TrailRecord } from '../trail/event.ts'
import { userNameOf } from '../trail/event-attributes.ts'
import { type Client, type ClientFlags, openClient } from './client.ts'
import { listAliases } from './keys.ts'
import { printable, rowOf, table, widthsOf } from './output.ts'

export interface TrailFlags extends ClientFlags {
  /** Goes on with what comes, until interrupted. */
  follow?: boolean
  /** Events of this name only. */
  event?: string
  /** Events on this key only: id, ARN, alias or alias ARN. */
  key?: string
  /** `name=value`: events with these pairs in their encryption context only. */
  context?: readonly string[]
  /** Failed calls only. */
  errors?: boolean
  /** The records themselves, one a line. */
  json?: boolean
  /** How many events to begin with, the newest ones; default 50. */
  limit?: number
}

export interface TrailStreams {
  write: (text: string) => void
  now: () => number
  /** Ends `--follow`. */
  signal?: AbortSignal
  /** Resolves when `--follow` is to ask again; default: half a second later. */
  untilNextLook?: () => Promise<unknown>
}

const headings = ['TIME', 'EVENT', 'KEY', 'CALLER', 'ERROR', 'CONTEXT']
const pollEvery = 500
/** A call is recorded with the time it began, so a slower one may appear behind a later one. */
const lookBack = 2000

/**
 * `s3kms-emu trail`: events oldest first, as a log reads, by LookupEvents.
 * @throws Error in one line
 */
export async function trail(flags: TrailFlags, environment: NodeJS.ProcessEnv, streams: TrailStreams): Promise<number> {
  const client = openClient(flags, environment, streams.now)
  const filter = filterOf(flags)
  const attribute = await attributeOf(flags, client)
  const first = await newest(client, { attribute, filter, limit: flags.limit ?? 50 })
  const widths = printFirst(first, flags, streams.write)
  if (flags.follow)
    await follow(client, { attribute, filter, seen: first }, streams, (record) => {
      streams.write(`${flags.json ? JSON.stringify(record) : rowOf(cellsOf(record).map(printable), widths)}\n`)
    })
  return 0
}

function printFirst(records: readonly TrailRecord[], { json, follow }: TrailFlags, write: (text: string) => void) {
  const rows = records.map(cellsOf)
  if (json) write(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  else if (records.length > 0 || follow) write(`${table(headings, rows, process.stdout.isTTY)}\n`)
  else write('no events\n')
  return widthsOf(headings, rows)
}

type Filter = (record: TrailRecord) => boolean
type Attribute = { AttributeKey: string; AttributeValue: string }

function filterOf({ event, context = [], errors }: TrailFlags): Filter {
  const pairs = context.map(readPair)
  return (record) => {
    if (event !== undefined && record.eventName !== event) return false
    if (errors && record.errorCode === undefined) return false
    const contexts = contextsOf(record)
    return pairs.every(([name, value]) => contexts.some((own) => Object.hasOwn(own, name) && own[name] === value))
  }
}

function readPair(text: string): [string, string] {
  const mark = text.indexOf('=')
  if (mark < 1) throw new Error(`--context ${text}: it has the form name=value`)
  return [text.slice(0, mark), text.slice(mark + 1)]
}

/** LookupEvents takes one attribute: the key narrows most. */
async function attributeOf({ key, event }: TrailFlags, client: Client): Promise<Attribute | undefined> {
  if (key !== undefined) return { AttributeKey: 'ResourceName', AttributeValue: await keyArnOf(key, client) }
  return event === undefined ? undefined : { AttributeKey: 'EventName', AttributeValue: event }
}

async function keyArnOf(key: string, client: Client): Promise<string> {
  if (/^arn:[^:]+:kms:[^:]+:\d{12}:key\//.test(key)) return key
  const name = key.slice(key.indexOf('alias/'))
  const id = key.includes('alias/') ? await targetOf(name, client) : key
  return `arn:aws:kms:${client.region}:${await client.accountId()}:key/${id}`
}

async function targetOf(aliasName: string, client: Client): Promise<string> {
  const alias = (await listAliases(client)).find(({ AliasName }) => AliasName === aliasName)
  if (!alias || alias.TargetKeyId === '') throw new Error(`${aliasName} names no key in ${client.region}`)
  return alias.TargetKeyId
}

interface Search {
  attribute?: Attribute
  filter: Filter
  /** ms since the epoch */
  since?: number
  limit?: number
}

/** The newest events that pass, oldest first. */
async function newest(client: Client, { attribute, filter, since, limit = Infinity }: Search): Promise<TrailRecord[]> {
  const found: TrailRecord[] = []
  let NextToken: unknown
  const input = {
    LookupAttributes: attribute && [attribute],
    StartTime: since === undefined ? undefined : since / 1000,
  }
  do {
    const page = await client.call('cloudtrail', 'LookupEvents', { ...input, NextToken })
    found.push(...recordsOf(page).filter(filter))
    NextToken = page.NextToken
  } while (NextToken !== undefined && found.length < limit)
  return found.slice(0, limit).reverse()
}

function recordsOf({ Events }: Record<string, unknown>): TrailRecord[] {
  if (!Array.isArray(Events)) return []
  return Events.map(({ CloudTrailEvent }: { CloudTrailEvent: string }): TrailRecord => JSON.parse(CloudTrailEvent))
}

/** Asks again and again for what is new since the newest event seen, and tells events apart by their id. */
async function follow(
  client: Client,
  { attribute, filter, seen }: Search & { seen: readonly TrailRecord[] },
  { now, signal, untilNextLook = () => pause(pollEvery, undefined, { signal }) }: TrailStreams,
  print: (record: TrailRecord) => void,
): Promise<void> {
  const last = seen.at(-1)
  const shown = new Map(seen.map((record) => [record.eventID, timeOf(record)]))
  // A whole second, as an event's time is: one that began in the middle of it must not be forgotten as being older.
  const begin = last ? timeOf(last) : Math.floor((now() - lookBack) / 1000) * 1000
  let latest = begin
  let passOver = last?.eventID
  while (!signal?.aborted) {
    const since = Math.max(begin, latest - lookBack)
    const records = await newest(client, { attribute, filter, since })
    // --limit may have cut a second in two: what lies before the newest event seen is not new.
    const older = records.findIndex(({ eventID }) => eventID === passOver)
    passOver = undefined
    for (const [index, record] of records.entries()) {
      if (!shown.has(record.eventID) && index > older) print(record)
      shown.set(record.eventID, timeOf(record))
      latest = Math.max(latest, timeOf(record))
    }
    for (const [eventId, time] of shown) if (time < since) shown.delete(eventId)
    await untilNextLook().catch(() => undefined)
  }
}

function timeOf({ eventTime }: TrailRecord): number {
  return Date.parse(eventTime)
}

function cellsOf(record: TrailRecord): string[] {
  const via = record.userIdentity.invokedBy === undefined ? '' : ` via ${record.userIdentity.invokedBy}`
  const caller = userNameOf(record) ?? String(record.userIdentity.accountId ?? '-')
  const context = contextsOf(record).flatMap((own) => Object.entries(own).map(([name, value]) => `${name}=${value}`))
  return [
    record.eventTime,
    record.eventName,
    keyOf(record),
    caller + via.replace(/ via fas\.(\w+)\.amazonaws\.com$/, ' via $1'),
    record.errorCode ?? '-',
    [...new Set(context)].join(' ') || '-',
  ]
}

/** As the caller named it when by an alias, else the beginning of the key's id; S3's own calls show the bucket. */
function keyOf({ requestParameters, resources }: TrailRecord): string {
  const { keyId, aliasName, bucketName } = requestParameters ?? {}
  const named = [keyId, aliasName].find((name) => typeof name === 'string' && name.includes('alias/'))
  if (typeof named === 'string') return named.slice(named.indexOf('alias/'))
  const id = resources?.find(({ type }) => type === 'AWS::KMS::Key')?.ARN ?? keyId
  if (typeof id === 'string') return id.slice(id.lastIndexOf('/') + 1).slice(0, 8)
  return typeof bucketName === 'string' ? bucketName : '-'
}

/** ReEncrypt has two contexts, all others one. */
function contextsOf({ requestParameters }: TrailRecord): Record<string, unknown>[] {
  const { encryptionContext, sourceEncryptionContext, destinationEncryptionContext } = requestParameters ?? {}
  return [encryptionContext, sourceEncryptionContext, destinationEncryptionContext].filter(isObject)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
