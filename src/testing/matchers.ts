import { objectIn } from '../lab/inspect/object-uri.ts'
import { type CallFilter, differencesOf, requireFilter } from './call-filter.ts'
import { listOf, wordsOf } from './call-list.ts'
import { connectTo, type EmulatorClient } from './emulator-client.ts'
import { keyNamed } from './listed-key.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { ObjectName, Sealing } from './sealed-object.ts'

/*
 * Matchers for `expect.extend`, of Jest and Vitest alike. All of them ask an emulator, so they are awaited:
 *
 *   await expect(emulator).toHaveReceivedKmsCall('Decrypt', { key: 'alias/app', context: { tenant: 'a' } })
 *   await expect({ Bucket: 'uploads', Key: 'hello.txt' }).toBeSealedUnder('alias/app')
 */

/** What a matcher answers. */
export interface MatcherResult {
  pass: boolean
  message: () => string
}

/** What of a call is compared, beside its event. */
export type KmsCallFilter = Omit<CallFilter, 'service' | 'event'>

/** The matchers as a test calls them: on an emulator or, the last ones, on an object. */
export interface TrailMatchers<Result> {
  /** At least one such call of KMS was recorded, S3's own calls included. */
  toHaveReceivedKmsCall(event: string, filter?: KmsCallFilter): Result
  /** Exactly so many such calls. */
  toHaveReceivedKmsCallTimes(event: string, times: number, filter?: KmsCallFilter): Result
  /** The nth call of KMS since the start, the reset, or `resetHistory`, is such a call; the first is 1. */
  toHaveReceivedNthKmsCall(nth: number, event: string, filter?: KmsCallFilter): Result
  /** The last call of KMS is such a call. */
  toHaveReceivedLastKmsCall(event: string, filter?: KmsCallFilter): Result
  /** Any call of KMS. */
  toHaveReceivedAnyKmsCall(): Result
  /**
   * The object is encrypted under the KMS key.
   * @param key its id, ARN or alias; left out: any
   */
  toBeSealedUnder(key?: string, emulator?: EmulatorClient): Result
}

/** For `expect.extend(trailMatchers)`. */
export const trailMatchers = {
  async toHaveReceivedKmsCall(received: unknown, event: string, filter: KmsCallFilter = {}): Promise<MatcherResult> {
    const { calls, found, recorded } = await look(received, event, filter)
    const wanted = `a call of ${event}${withWords(filter)}`
    return {
      pass: found.length > 0,
      message: () => `expected ${found.length > 0 ? 'not ' : ''}${wanted}\n${recorded(calls)}`,
    }
  },

  async toHaveReceivedKmsCallTimes(
    received: unknown,
    event: string,
    times: number,
    filter: KmsCallFilter = {},
  ): Promise<MatcherResult> {
    const { calls, found, recorded } = await look(received, event, filter)
    const pass = found.length === times
    const wanted = `${times} calls of ${event}${withWords(filter)}`
    return { pass, message: () => `expected ${pass ? 'not ' : ''}${wanted}, found ${found.length}\n${recorded(calls)}` }
  },

  async toHaveReceivedNthKmsCall(
    received: unknown,
    nth: number,
    event: string,
    filter: KmsCallFilter = {},
  ): Promise<MatcherResult> {
    const { calls, found, recorded } = await look(received, event, filter)
    const call = calls[nth - 1]
    const pass = call !== undefined && found.includes(call)
    const wanted = `call ${nth} of KMS to be ${event}${withWords(filter)}`
    return { pass, message: () => `expected ${pass ? 'not ' : ''}${wanted}\n${recorded(calls)}` }
  },

  async toHaveReceivedLastKmsCall(
    received: unknown,
    event: string,
    filter: KmsCallFilter = {},
  ): Promise<MatcherResult> {
    const { calls, found, recorded } = await look(received, event, filter)
    const last = calls.at(-1)
    const pass = last !== undefined && found.includes(last)
    const wanted = `the last call of KMS to be ${event}${withWords(filter)}`
    return { pass, message: () => `expected ${pass ? 'not ' : ''}${wanted}\n${recorded(calls)}` }
  },

  async toHaveReceivedAnyKmsCall(received: unknown): Promise<MatcherResult> {
    const calls = await emulatorOf(received).trail({ service: 'kms' })
    return {
      pass: calls.length > 0,
      message: () => `expected ${calls.length > 0 ? 'no call' : 'a call'} of KMS\n${recordedWords(calls, {})}`,
    }
  },

  async toBeSealedUnder(received: unknown, key?: string, emulator = connectTo()): Promise<MatcherResult> {
    const object = objectOf(received)
    const sealing = await emulator.sealing(object)
    const arn = key === undefined ? sealing.keyArn : await arnOf(key, emulator)
    const pass = sealing.keyArn !== undefined && sealing.keyArn === arn
    const wanted = key === undefined ? 'a KMS key' : `${key}${arn === undefined || arn === key ? '' : ` (${arn})`}`
    return {
      pass,
      message: () =>
        `expected s3://${object.Bucket}/${object.Key} ${pass ? 'not ' : ''}to be sealed under ${wanted}\nit is ${sealingWords(sealing)}`,
    }
  },
}

interface Look {
  /** All of KMS, oldest first. */
  calls: RecordedCall[]
  /** Those that the filter means. */
  found: RecordedCall[]
  recorded: (calls: readonly RecordedCall[]) => string
}

async function look(received: unknown, event: string, filter: KmsCallFilter): Promise<Look> {
  const emulator = emulatorOf(received)
  requireFilter(filter)
  const calls = await emulator.trail({ service: 'kms' })
  const keyArn = filter.key === undefined ? undefined : await arnOf(filter.key, emulator)
  const whole = { ...filter, event, keyArn }
  const found = calls.filter((call) => differencesOf(call, whole).length === 0)
  return { calls, found, recorded: (of) => recordedWords(of, whole) }
}

/** The key that an alias names now; of anything else what it is itself, where it is no key of the emulator's. */
async function arnOf(key: string, emulator: EmulatorClient): Promise<string | undefined> {
  const found = keyNamed(key, await emulator.keys())
  return found?.Arn ?? (key.includes('alias/') ? undefined : key)
}

function recordedWords(calls: readonly RecordedCall[], filter: CallFilter): string {
  return `calls of KMS that were recorded, oldest first:\n${listOf(calls, filter)}`
}

function withWords(filter: KmsCallFilter): string {
  const words = wordsOf(filter)
  return words === '' ? '' : ` with ${words}`
}

function sealingWords({ scheme, keyArn, bucketKey }: Sealing): string {
  if (scheme === undefined) return 'not encrypted'
  if (keyArn === undefined)
    return scheme === 'SSE-C' ? "encrypted under the customer's own key (SSE-C)" : `under ${scheme}`
  return `under ${keyArn} (${scheme}${bucketKey ? ', by a bucket key' : ''})`
}

function emulatorOf(received: unknown): EmulatorClient {
  if (typeof received === 'object' && received !== null && 'trail' in received) return received as EmulatorClient
  throw new Error('expect() wants an emulator: the one of s3kms-emu/testing, startTestEmulator() or connectTo()')
}

function objectOf(received: unknown): ObjectName {
  const { Bucket, Key, VersionId } = Object(received)
  if (typeof Bucket === 'string' && typeof Key === 'string') return { Bucket, Key, VersionId }
  const address = typeof received === 'string' ? objectIn(received) : undefined
  if (address) return { Bucket: address.bucket, Key: address.key, VersionId: address.versionId }
  throw new Error("expect() wants an object: { Bucket, Key, VersionId? } or 's3://bucket/key?versionId=…'")
}
