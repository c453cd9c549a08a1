import { lastMoment, momentWithZone, readMoment } from './calendar.ts'

/* What the values of options are. */

/** Gives the value, or throws a plain Error that says what it must be. */
export interface Check<Value> {
  (value: unknown): Value
  /** All that it lets through, where that is a list of words. */
  words?: readonly string[]
}

export function optional<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value) => (value === undefined ? undefined : check(value))
}

export function text(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Error('a text that is not empty')
}

export function httpUrl(value: unknown): string {
  if (typeof value === 'string' && isHttpUrl(value)) return value
  throw new Error('an address such as http://127.0.0.1:9000/events')
}

/** Whether a text is the address of an HTTP server. */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

export function flag(value: unknown): boolean {
  const word = String(value).toLowerCase()
  if (['true', '1', 'yes'].includes(word)) return true
  if (['false', '0', 'no'].includes(word)) return false
  throw new Error('true, 1 or yes, or false, 0 or no')
}

export function port(value: unknown): number {
  const number = wholeNumber(value)
  if (number !== undefined && number <= 65535) return number
  throw new Error('a whole number from 0 to 65535')
}

export function consolePort(value: unknown): number | 'auto' | 'off' {
  if (value === 'auto' || value === 'off') return value
  const number = wholeNumber(value)
  if (number !== undefined && number <= 65535) return number
  throw new Error('a whole number from 0 to 65535, auto or off')
}

export function positive(unit: string): Check<number> {
  return (value) => {
    const number = wholeNumber(value)
    if (number !== undefined && number > 0) return number
    throw new Error(`a whole number of ${unit} above 0`)
  }
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** A time without its zone would mean another one on each machine. */
export function moment(value: unknown): string {
  const time = typeof value === 'string' ? readMoment(value, momentWithZone) : undefined
  if (typeof value === 'string' && time !== undefined && time >= 0 && time <= lastMoment) return value
  throw new Error('a moment from 1970 to 9998 with its zone such as 2027-01-01T00:00:00Z')
}

export function accountId(value: unknown): string {
  if (typeof value === 'string' && /^\d{12}$/.test(value)) return value
  throw new Error('12 digits')
}

export function region(value: unknown): string {
  if (typeof value === 'string' && /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(value)) return value
  throw new Error('the name of a Region such as us-east-1')
}

export function oneOf<Word extends string>(...words: readonly Word[]): Check<Word> {
  const check = (value: unknown) => {
    const word = words.find((candidate) => candidate === value)
    if (word !== undefined) return word
    throw new Error(`one of ${words.join(', ')}`)
  }
  return Object.assign(check, { words })
}

export function list(value: unknown): string[] {
  const values = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value
  if (Array.isArray(values) && values.every((item) => typeof item === 'string' && item !== '')) return [...values]
  throw new Error('a list of texts that are not empty')
}

/** A flag's words may hold lists themselves: `--buckets a,b c`. */
function listOf(pattern: RegExp, words: string): Check<string[]> {
  return (value) => {
    const items = list(value).flatMap(list)
    if (items.every((item) => pattern.test(item))) return items
    throw new Error(words)
  }
}

/** What is wrong at first sight; S3 and KMS have the last word when they are made. */
export function bucketNames(value: unknown): string[] {
  return listOf(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'names of buckets such as my-uploads')(value)
}

export function addresses(value: unknown): string[] {
  return listOf(/^([^\s:/]+|\[[\da-f:.]+\]):\d{1,5}$/i, 'addresses with ports such as 0.0.0.0:4566')(value)
}

/** The id is a user's name, too. */
export function accessKeys(value: unknown): string[] {
  // A secret in a list may have commas of its own.
  const items = list(value)
  if (items.every((item) => /^[\w+=.@-]{3,64}:.+$/.test(item))) return items
  throw new Error('access keys such as id:secret')
}

export function aliases(value: unknown): string[] {
  return listOf(/^alias\/(?!aws\/)[\w/-]{1,250}$/, 'aliases such as alias/app')(value)
}

/** Origins as browsers write them: lower-case, without the scheme's own port and without a path. */
export function origins(value: unknown): string[] {
  return list(value).flatMap(list).map(origin)
}

function origin(text: string): string {
  if (text === 'null') return text
  if (URL.canParse(text)) {
    const { protocol, host, href } = new URL(text)
    const plain = `${protocol}//${host}`
    if (host !== '' && !host.includes('*') && (href === plain || href === `${plain}/`)) return plain
  }
  throw new Error('origins such as https://app.example:8443')
}
