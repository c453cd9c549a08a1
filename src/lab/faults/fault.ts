import { AwsError } from '../../aws/errors.ts'
import { type AnswerFault, ConnectionReset, type FaultSubject } from '../../fault-source.ts'
import { parseDuration } from '../clock/duration.ts'
import { faultErrors } from './error-names.ts'
import type { FaultRule } from './fault-rule.ts'
import { type Concerns, concernOf, type Matches, matcherOf } from './matching.ts'

/** A rule in force, and what it did so far. */
export interface FaultReport extends FaultRule, Partial<ForeignRule> {
  id: string
  /** Calls that it is about. */
  matched: number
  /** Of these, how many it struck. */
  struck: number
}

/** What a rule does to a call that it strikes. */
export interface Strike {
  /** ms */
  latency: number
  /** What the call is refused with, in place of being performed. */
  refusal?: Error
  answer?: AnswerFault
}

/** An error of any name, in the words of LocalStack's chaos API. */
export interface Outage {
  code: string
  status: number
}

/** What a rule has that came by another emulator's API. */
export interface ForeignRule {
  /** `faults` strike what S3 asks of KMS too, `effects` what comes from outside alone. */
  foreign: 'faults' | 'effects'
  outage?: Outage
}

/** One rule that is in force. */
export class Fault {
  readonly id: string
  readonly rule: FaultRule
  readonly concerns: Concerns
  readonly #matches: Matches
  readonly #random: () => number
  readonly #end: number
  readonly #foreign: ForeignRule | undefined
  #matched = 0
  #struck = 0
  /** Of a throttle: the second that is counted, and how many calls passed in it. */
  #second = 0
  #passed = 0

  /**
   * @param now ms since the epoch, of the emulator's clock
   * @param random a number from 0 to 1, where the rule has no seed
   */
  constructor(
    id: string,
    rule: FaultRule,
    { now, random, foreign }: { now: number; random(): number; foreign?: ForeignRule },
  ) {
    this.id = id
    this.rule = rule
    this.concerns = concernOf(rule)
    this.#matches = matcherOf(rule)
    this.#random = rule.seed === undefined ? random : seededRandom(rule.seed)
    this.#end = rule.for === undefined ? Number.POSITIVE_INFINITY : now + parseDuration(rule.for)
    this.#foreign = foreign
  }

  report(): FaultReport {
    return { id: this.id, ...this.rule, ...this.#foreign, matched: this.#matched, struck: this.#struck }
  }

  isOver(now: number): boolean {
    return now >= this.#end || this.#struck >= (this.rule.times ?? Number.POSITIVE_INFINITY)
  }

  /** @returns what it does to a call; undefined where it lets it pass */
  strike(subject: FaultSubject, now: number): Strike | undefined {
    if (this.#foreign?.foreign === 'effects' && subject.via !== undefined) return undefined
    if (!this.#matches(subject)) return undefined
    this.#matched++
    if (!this.#isDue() || this.#isWithinRate(now)) return undefined
    this.#struck++
    const { latency = 0, jitter = 0 } = this.rule
    const strike = { latency: latency === 0 ? 0 : Math.max(0, latency + (this.#random() * 2 - 1) * jitter) }
    return { ...strike, ...this.#effectOn(subject) }
  }

  #isDue(): boolean {
    const { every, probability } = this.rule
    if (every !== undefined) return this.#matched % every === 0
    return probability === undefined || this.#random() < probability
  }

  #isWithinRate(now: number): boolean {
    const { throttle } = this.rule
    if (throttle === undefined) return false
    const second = Math.floor(now / 1000)
    if (second !== this.#second) this.#passed = 0
    this.#second = second
    if (this.#passed >= throttle) return false
    this.#passed++
    return true
  }

  #effectOn({ service, via }: FaultSubject): Omit<Strike, 'latency'> {
    const { error, throttle, message, reset, cut, corrupt } = this.rule
    if (this.#foreign?.outage) return { refusal: outageOf(service, this.#foreign.outage) }
    if (error !== undefined) return { refusal: errorOf(service, error, message) }
    if (throttle !== undefined) return { refusal: errorOf(service, throttled[service], message) }
    // What stands between S3 and KMS is KMS's absence to S3.
    if (via !== undefined && (reset ?? cut)) return { refusal: errorOf('kms', 'DependencyTimeoutException') }
    if (reset === 'before') return { refusal: new ConnectionReset() }
    if (reset === 'after') return { answer: 'reset' }
    if (cut) return { answer: service === 'kms' ? 'reset' : 'cut' }
    return corrupt ? { answer: 'corrupt' } : {}
  }
}

function outageOf(service: string, { code, status }: Outage): AwsError {
  return new AwsError(code, `Service '${service}' not accessible due to an outage`, status)
}

const throttled = { kms: 'ThrottlingException', s3: 'SlowDown' } as const

/** A new one for each call, because who passes it on may add to it. */
function errorOf(service: 'kms' | 's3', code: string, message?: string): AwsError {
  const [status, words] = faultErrors[service][code] ?? [500, '']
  return new AwsError(code, message ?? words, status)
}

/** Mulberry32: a small generator of 32 bits, whose numbers follow from its seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
