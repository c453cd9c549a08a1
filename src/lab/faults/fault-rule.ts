import {
  boolean,
  enumeration,
  examine,
  integer,
  number,
  type Fault as ShapeFault,
  string,
  structure,
} from '../../protocol/shapes.ts'
import { parseDuration } from '../clock/duration.ts'
import { LabRefusal } from '../refusal.ts'
import { checkErrorName, faultErrors } from './error-names.ts'

/*
 * A rule says for which calls, what goes wrong, and how often:
 *
 *   match   service, operation, principal, key, bucket, prefix, region, onlyForS3     all that are named must fit
 *   effect  one of error, throttle, reset, cut, corrupt, and latency with it or alone
 *   when    every, probability (with a seed), times, for                              of the calls that match
 */

const operation = /^[A-Za-z*,]+$/.source

const shape = structure(
  {
    service: enumeration(['s3', 'kms']),
    operation: string({ min: 1, max: 1000, pattern: operation }),
    principal: string({ min: 1, max: 2048 }),
    key: string({ min: 1, max: 2048 }),
    bucket: string({ min: 1, max: 255 }),
    prefix: string({ max: 1024 }),
    region: string({ min: 1, max: 64 }),
    onlyForS3: boolean(),
    error: string({ min: 1, max: 128 }),
    message: string({ max: 1024 }),
    throttle: integer({ min: 0, max: 1_000_000 }),
    latency: integer({ min: 0, max: 3_600_000 }),
    jitter: integer({ min: 0, max: 3_600_000 }),
    reset: enumeration(['before', 'after']),
    cut: boolean(),
    corrupt: boolean(),
    every: integer({ min: 1, max: 1_000_000_000 }),
    probability: number({ min: 0, max: 1 }),
    seed: integer(),
    times: integer({ min: 1, max: 1_000_000_000 }),
    for: string({ min: 2, max: 32 }),
  },
  { closed: true },
)

/** A rule as it is written: in a fixture file, in JSON, in the library. */
export interface FaultRule {
  service?: 's3' | 'kms'
  /** AWS's names, several with commas, `*` for any letters: `GenerateDataKey,Decrypt`, `Get*`. */
  operation?: string
  /** Who calls: an ARN or a name, `*` for any letters. */
  principal?: string
  /** The KMS key: its id, ARN or alias. */
  key?: string
  bucket?: string
  /** What the object's key begins with. */
  prefix?: string
  region?: string
  /** Only what S3 asks of KMS for its callers. */
  onlyForS3?: boolean
  /** AWS's name of the error: `ThrottlingException`, `SlowDown`. */
  error?: string
  /** Its words, in place of AWS's. */
  message?: string
  /** Calls a second that pass; others are throttled, as the service says it. By the emulator's clock. */
  throttle?: number
  /** ms that a call waits */
  latency?: number
  /** ms that it waits longer, or less, by chance */
  jitter?: number
  /** The connection is reset: `before` the call is performed, or `after`, without its answer. */
  reset?: 'before' | 'after'
  /** The answer breaks off in its middle. */
  cut?: boolean
  /** One bit of the object's body is wrong. */
  corrupt?: boolean
  /** Of the calls that match: 3 is each third. */
  every?: number
  /** From 0 to 1. */
  probability?: number
  /** Of the chance: the same seed strikes the same calls. */
  seed?: number
  /** How often it strikes; then it is over. */
  times?: number
  /** How long it is in force, by the emulator's clock: `30s`, `1h`. */
  for?: string
}

export const faultRuleShape = shape

/**
 * Reads a rule.
 * @throws LabRefusal that says what is wrong with it
 */
export function readRule(written: unknown): FaultRule {
  const { value, faults } = examine(shape, written)
  const [fault] = faults
  if (fault) throw new LabRefusal('wrong', wordsOf(fault))
  return checkRule(value)
}

/** What no shape says. @throws LabRefusal */
export function checkRule(rule: FaultRule): FaultRule {
  const effects = (['error', 'throttle', 'reset', 'cut', 'corrupt'] as const).filter((name) => isSet(rule[name]))
  if (effects.length > 1) throw wrong(`A fault is one thing: ${effects.join(' or ')}`)
  if (effects.length === 0 && !rule.latency) {
    throw wrong('A fault needs an effect: error, throttle, latency, reset, cut or corrupt')
  }
  if (rule.jitter && !rule.latency) throw wrong('jitter goes with latency')
  if (rule.every !== undefined && rule.probability !== undefined) throw wrong('every or probability, not both')
  const services = servicesOf(rule)
  if (rule.error !== undefined) checkErrorName(rule.error, services)
  if (rule.corrupt && !services.includes('s3')) throw wrong('corrupt is for bodies of objects: service s3')
  if (rule.for !== undefined && parseDuration(rule.for) === 0) throw wrong(`for: ${rule.for} is no time`)
  return rule
}

/** A rule that says `cut: false` says nothing of a cut. */
function isSet(effect: unknown): boolean {
  return effect !== undefined && effect !== false
}

/** What alone has a body that can be wrong in one bit. */
const corruptible = 'GetObject'

/** Whether a rule's effect can strike a service's calls: not with an error that only the other has. */
export function canStrike({ error, corrupt }: FaultRule, service: 'kms' | 's3'): boolean {
  if (corrupt && service === 'kms') return false
  return error === undefined || Object.hasOwn(faultErrors[service], error)
}

/** The same of one operation: what it would not be seen in is neither struck nor counted. */
export function canStrikeIn(rule: FaultRule, service: 'kms' | 's3', operation: string): boolean {
  return canStrike(rule, service) && (!rule.corrupt || operation === corruptible)
}

/** Which services a rule can be about: keys are KMS's alone. @throws LabRefusal */
export function servicesOf({ service, key, onlyForS3 }: FaultRule): readonly ('kms' | 's3')[] {
  if (service === undefined) return key !== undefined || onlyForS3 ? ['kms'] : ['kms', 's3']
  if (service === 's3' && (key !== undefined || onlyForS3)) throw wrong('key and onlyForS3 are for service kms')
  return [service]
}

function wrong(message: string): LabRefusal {
  return new LabRefusal('wrong', message)
}

function wordsOf({ path, words }: ShapeFault): string {
  return path.length === 0 ? `A fault: ${words}` : `${path.join('.')}: ${words}`
}
