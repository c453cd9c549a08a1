import { setTimeout as pause } from 'node:timers/promises'
import { OptionFault } from '../options.ts'
import type { TrailRecord } from '../trail/event.ts'
import { contextsOf, userNameOf } from '../trail/event-attributes.ts'
import { type Client, openClient } from './client.ts'
import { emulatorTime } from './emulator-time.ts'
import { bold, fittedTo, lineOfJson, red, rowOf, terminalWidth, widthsOf } from './output.ts'
import { newest, type Search, type SearchFlags, searchOf } from './trail-search.ts'

export interface TrailFlags extends SearchFlags {
  /** Goes on with what comes, until interrupted. */
  follow?: boolean
  /** The records themselves, one a line. */
  json?: boolean
  /** How many events to begin with, the newest ones; default 50. */
  limit?: number
}

export interface TrailStreams {
  write: (text: string) => void
  now: () => number
  /** Columns of the terminal; undefined where there is none; default: stdout's. */
  width?: number
  /** Ends `--follow`. */
  signal?: AbortSignal
  /** Resolves when `--follow` is to ask again; default: half a second later. */
  untilNextLook?: () => Promise<unknown>
}

const headings = ['TIME', 'EVENT', 'KEY', 'CALLER', 'ERROR', 'CONTEXT']
/** What comes later under `--follow` must find its columns ready. */
const fixedWidths = [20, 22, 16, 18, 22, 40]
const pollEvery = 500
/** A call is recorded with the time it began, so a slower one may appear behind a later one. */
const lookBack = 2000

/**
 * `s3kms-emu trail`: events oldest first, as a log reads, by LookupEvents.
 * @throws Error in one line
 */
export async function trail(flags: TrailFlags, environment: NodeJS.ProcessEnv, streams: TrailStreams): Promise<number> {
  if (flags.follow && flags.until !== undefined) throw new OptionFault('--follow has no end: leave out --until')
  const client = openClient(flags, environment, streams.now)
  const isTimed = flags.since !== undefined || flags.until !== undefined
  const search = await searchOf(flags, client, isTimed ? await emulatorTime(client, streams.now) : streams.now())
  const first = await newest(client, search, flags.limit ?? 50)
  const print = printerFor(first, flags, streams)
  for (const record of first) print(record)
  if (flags.follow) await follow(client, { ...search, seen: first }, streams, print)
  return 0
}

/** Prints a record as a line; before the first one the headings. */
function printerFor(
  first: readonly TrailRecord[],
  { json, follow }: TrailFlags,
  { write, width = terminalWidth() }: TrailStreams,
): (record: TrailRecord) => void {
  if (json) return (record) => write(`${lineOfJson(record)}\n`)
  const needed = widthsOf(headings, first.map(cellsOf))
  const widths = fittedTo(follow ? needed.map((own, column) => Math.max(own, fixedWidths[column] ?? 0)) : needed, width)
  if (first.length === 0 && !follow) write('no events\n')
  else write(`${bold(rowOf(headings, widths, width))}\n`)
  return (record) => {
    const row = rowOf(cellsOf(record), widths, width)
    write(`${record.errorCode === undefined ? row : red(row)}\n`)
  }
}

/** Asks again and again for what is new since the newest event seen, and distinguishes events by their id. */
async function follow(
  client: Client,
  { seen, ...search }: Search & { seen: readonly TrailRecord[] },
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
    const records = await newest(client, { ...search, since })
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
