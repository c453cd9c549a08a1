import { bareRecord } from '../aws/bare-record.ts'
import { AwsError } from '../aws/errors.ts'
import { valueSet } from './value-set.ts'

/*
 * The shapes of AWS's JSON protocols, in the words of AWS's own models: structure, list, string map, string, number,
 * boolean, blob, timestamp. A shape is plain data (a test holds it against the models) and a reader that turns parsed JSON
 * into a typed value. Faults are data first; `validate` words them as AWS does, a fixture file words them its own way.
 */

/** Where a value lies: member names as declared, list positions from 0. */
export type Path = readonly (string | number)[]

export interface Fault {
  path: (string | number)[]
  /** `type`: of the wrong JSON type, AWS's SerializationException. `constraint`: ValidationException. */
  kind: 'type' | 'constraint'
  /** AWS's words: `Member must not be null`, `STRING_VALUE can not be converted to an Integer`. */
  words: string
  /** The value as AWS shows it; null when it is missing, undefined when it must not be shown. */
  value?: string | null
}

export interface Members {
  readonly [name: string]: Shape<unknown> | RequiredMember<unknown>
}

/** What a shape demands, as the models have it. */
export interface Description {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'number' | 'boolean' | 'blob' | 'timestamp'
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly values?: readonly string[]
  readonly sensitive?: boolean
  readonly members?: Members
  readonly item?: Shape<unknown>
}

export interface Shape<Type> {
  readonly description: Description
  /** Reads a value that is present. What is wrong with it goes to `faults`; the result then means nothing. */
  read(value: unknown, faults: Fault[]): Type
}

export interface RequiredMember<Type> {
  readonly required: true
  readonly shape: Shape<Type>
}

type MemberType<M> = M extends RequiredMember<infer Type> ? Type : M extends Shape<infer Type> ? Type : never
type RequiredNames<M> = { [Name in keyof M]: M[Name] extends RequiredMember<unknown> ? Name : never }[keyof M]
type StructureType<M> = { [Name in RequiredNames<M>]: MemberType<M[Name]> } & {
  [Name in Exclude<keyof M, RequiredNames<M>>]?: MemberType<M[Name]>
}

/**
 * Beyond so many faults nothing more is read, and of a list that is too long so many items are shown: a body can have hundreds of
 * thousands, and the words for them would hold the process for seconds. What AWS says of that many is not known.
 */
const mostFaults = 100

/** ms from the epoch to the last moment a `Date` can hold. */
const farthestDate = 8.64e15

interface Length {
  min?: number
  max?: number
}

export function required<Type>(shape: Shape<Type>): RequiredMember<Type> {
  return { required: true, shape }
}

/** The shape of a member, required or not. */
export function shapeOf<Type>(member: Shape<Type> | RequiredMember<Type>): Shape<Type> {
  return 'required' in member ? member.shape : member
}

/**
 * A structure. Null counts as absent, as in AWS's JSON protocols, and members without a name here are passed over.
 * @param options.closed members without a name here are faults (fixture files)
 */
export function structure<const M extends Members>(
  members: M,
  options: { closed?: boolean } = {},
): Shape<StructureType<M>> {
  const rows = Object.entries(members).map(([name, member]) => ({
    name,
    shape: shapeOf(member),
    isRequired: 'required' in member,
  }))
  return {
    description: { type: 'structure', members },
    read(value, faults) {
      const structure: Record<string, unknown> = {}
      if (!isObject(value)) return wrongType(value, 'a Structure', faults, structure) as StructureType<M>
      for (const { name, shape, isRequired } of rows) {
        const member = Object.hasOwn(value, name) ? value[name] : undefined
        if (member !== undefined && member !== null) structure[name] = readWithin(name, shape, member, faults)
        else if (isRequired) faults.push(constraintFault([name], 'Member must not be null', null))
      }
      if (options.closed) refuseUnknown(value, members, faults)
      return structure as StructureType<M>
    },
  }
}

export function list<Item>(item: Shape<Item>, { min, max }: Length = {}): Shape<Item[]> {
  return {
    description: { type: 'list', min, max, item },
    read(value, faults) {
      if (!Array.isArray(value)) return wrongType(value, 'a List', faults, [])
      const isWrong = (min !== undefined && value.length < min) || (max !== undefined && value.length > max)
      if (isWrong) checkLength(value.length, { min, max }, listWords(value), faults)
      const items: Item[] = []
      for (let index = 0; index < value.length && faults.length < mostFaults; index++)
        items.push(readWithin(index, item, value[index], faults))
      return items
    },
  }
}

/**
 * String to string, as a record without a prototype: `__proto__` is a key like any other.
 * @param limit.characters that all pairs have together at most; what comes behind is not looked at
 */
export function stringMap({ characters }: { characters: number }): Shape<Record<string, string>> {
  const item = string()
  return {
    description: { type: 'map', item },
    read(value, faults) {
      const map = bareRecord()
      if (!isObject(value)) return wrongType(value, 'a Map', faults, map)
      let length = 0
      for (const key of Object.keys(value)) {
        if (faults.length >= mostFaults) break
        if (!key.isWellFormed()) faults.push(unpairedSurrogate())
        const text = readWithin(key, item, value[key], faults)
        map[key] = text
        length += key.length + text.length
        if (length <= characters) continue
        checkLength(length, { max: characters }, undefined, faults)
        break
      }
      return map
    },
  }
}

/** @param options.pattern as AWS shows it, anchored; lengths count UTF-16 units as Java does */
export function string(options: Length & { pattern?: string; sensitive?: boolean } = {}): Shape<string> {
  const { pattern, sensitive } = options
  const regularExpression = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  return {
    description: { type: 'string', ...options },
    read(value, faults) {
      if (typeof value !== 'string') return wrongType(value, 'a String', faults, '')
      if (!value.isWellFormed()) faults.push(unpairedSurrogate())
      const shown = sensitive ? undefined : value
      checkLength(value.length, options, shown, faults)
      if (regularExpression && !regularExpression.test(value)) {
        faults.push(constraintFault([], `Member must satisfy regular expression pattern: ${pattern}`, shown))
      }
      return value
    },
  }
}

/** @param values in the order of AWS's model */
export function enumeration<const Value extends string>(values: readonly Value[]): Shape<Value> {
  const isValue = (text: string): text is Value => values.some((value) => value === text)
  return {
    description: { type: 'string', values },
    read(value, faults) {
      const [first] = values
      if (first === undefined) throw new Error('An enumeration has at least one value')
      if (typeof value !== 'string') return wrongType(value, 'a String', faults, first)
      if (isValue(value)) return value
      faults.push(constraintFault([], `Member must satisfy enum value set: [${valueSet(values).join(', ')}]`, value))
      return first
    },
  }
}

/** A whole number; AWS's integer and long. */
export function integer({ min, max }: Length = {}): Shape<number> {
  return {
    description: { type: 'integer', min, max },
    read(value, faults) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return wrongType(value, 'an Integer', faults, 0)
      if (min !== undefined && value < min) faults.push(tooLow(value, min))
      if (max !== undefined && value > max) faults.push(tooHigh(value, max))
      return value
    },
  }
}

/** A number with a fraction: of no operation of AWS's here, but of the emulator's own. */
export function number({ min, max }: Length = {}): Shape<number> {
  return {
    description: { type: 'number', min, max },
    read(value, faults) {
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(value, 'a Number', faults, 0)
      if (min !== undefined && value < min) faults.push(tooLow(value, min))
      if (max !== undefined && value > max) faults.push(tooHigh(value, max))
      return value
    },
  }
}

export function boolean(): Shape<boolean> {
  return {
    description: { type: 'boolean' },
    read: (value, faults) => (typeof value === 'boolean' ? value : wrongType(value, 'a Boolean', faults, false)),
  }
}

/** Bytes, base64 on the wire; within the process also bytes themselves. Their value is never shown. */
export function blob(options: Length & { sensitive?: boolean } = {}): Shape<Buffer> {
  return {
    description: { type: 'blob', ...options },
    read(value, faults) {
      const bytes = Buffer.isBuffer(value) ? value : decodeBase64(value, faults)
      checkLength(bytes.length, options, undefined, faults)
      return bytes
    },
  }
}

function decodeBase64(value: unknown, faults: Fault[]): Buffer {
  if (typeof value !== 'string') return wrongType(value, 'a Blob', faults, Buffer.alloc(0))
  const bytes = Buffer.from(value, 'base64')
  if (!isBase64(value, bytes)) faults.push({ path: [], kind: 'type', words: 'Invalid base64 encoded data' })
  return bytes
}

/** Seconds since the epoch, with a fraction, on the wire; milliseconds here. A number that no date has is none. */
export function timestamp(): Shape<number> {
  return {
    description: { type: 'timestamp' },
    read(value, faults) {
      const milliseconds = typeof value === 'number' ? Math.round(value * 1000) : Number.NaN
      if (Math.abs(milliseconds) <= farthestDate) return milliseconds
      return wrongType(value, 'a Timestamp', faults, 0)
    },
  }
}

/** Reads a value and gathers what is wrong with it; without faults the value can be trusted. */
export function examine<Type>(shape: Shape<Type>, value: unknown): { value: Type; faults: Fault[] } {
  const faults: Fault[] = []
  return { value: shape.read(value, faults), faults }
}

/**
 * Reads a request's input.
 * @throws AwsError SerializationException or ValidationException, in AWS's words
 */
export function validate<Type>(shape: Shape<Type>, input: unknown): Type {
  const { value, faults } = examine(shape, input)
  if (faults.length > 0) throw faultError(faults)
  return value
}

/** The error AWS makes of faults (evidence: kms-validation, kms-validation-plural). */
export function faultError(faults: readonly Fault[]): AwsError {
  const serialization = faults.find(({ kind }) => kind === 'type')
  if (serialization) return new AwsError('SerializationException', serialization.words, 400)
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`
  return new AwsError('ValidationException', `${count} detected: ${faults.map(faultWords).join('; ')}`, 400)
}

/** A fault of a number that is lower than allowed; for rules a service has beyond its model. */
export function tooLow(value: number, min: number, path: Path = []): Fault {
  return constraintFault(path, `Member must have value greater than or equal to ${min}`, String(value))
}

/** A fault of a number that is higher than allowed. */
export function tooHigh(value: number, max: number, path: Path = []): Fault {
  return constraintFault(path, `Member must have value less than or equal to ${max}`, String(value))
}

/** AWS's path: `tags.1.member.tagKey`. */
export function pathWords(path: Path): string {
  return path.map((step) => (typeof step === 'number' ? `${step + 1}.member` : lowerFirst(step))).join('.')
}

/** `KeyId` → `keyId`: how validation messages and CloudTrail spell member names. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** A fault as AWS words it: `Value 'a b' at 'roleSessionName' failed to satisfy constraint: …`. */
export function faultWords({ path, value, words }: Fault): string {
  const shown = value === undefined ? 'Value' : value === null ? 'Value null' : `Value '${value}'`
  return `${shown} at '${pathWords(path)}' failed to satisfy constraint: ${words}`
}

function readWithin<Type>(step: string | number, shape: Shape<Type>, value: unknown, faults: Fault[]): Type {
  const before = faults.length
  const read = shape.read(value, faults)
  for (let index = before; index < faults.length; index++) faults[index]?.path.unshift(step)
  return read
}

function checkLength(length: number, { min, max }: Length, shown: string | undefined, faults: Fault[]): void {
  if (min !== undefined && length < min) {
    faults.push(constraintFault([], `Member must have length greater than or equal to ${min}`, shown))
  }
  if (max !== undefined && length > max) {
    faults.push(constraintFault([], `Member must have length less than or equal to ${max}`, shown))
  }
}

/** Only strings and numbers are shown: a JSON object may well have a `toString` that is none. */
function listWords(value: readonly unknown[]): string {
  const shown = value
    .slice(0, mostFaults)
    .map((item) => (typeof item === 'string' || typeof item === 'number' ? item : typeof item))
  return `[${shown.join(', ')}]`
}

function refuseUnknown(value: Record<string, unknown>, members: Members, faults: Fault[]): void {
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) faults.push(constraintFault([name], 'Member is not known'))
  }
}

function constraintFault(path: Path, words: string, value?: string | null): Fault {
  return { path: [...path], kind: 'constraint', words, value }
}

function wrongType<Type>(value: unknown, wanted: string, faults: Fault[], instead: Type): Type {
  faults.push({ path: [], kind: 'type', words: `${jsonTypeOf(value)} can not be converted to ${wanted}` })
  return instead
}

function unpairedSurrogate(): Fault {
  return { path: [], kind: 'type', words: 'STRING_VALUE holds half of a surrogate pair' }
}

function jsonTypeOf(value: unknown): string {
  if (value === null) return 'NULL_VALUE'
  if (value === true) return 'TRUE_VALUE'
  if (value === false) return 'FALSE_VALUE'
  if (Array.isArray(value)) return 'START_LIST'
  if (typeof value === 'object') return 'START_MAP'
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Node's decoder passes over what is not base64: only a text of the right alphabet and length is taken. */
function isBase64(text: string, bytes: Buffer): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  // Three quarters of any other length than a multiple of four are no whole number.
  return bytes.length === (text.length / 4) * 3 - padding && !/[-_]/.test(text)
}
