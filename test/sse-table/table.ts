import { Readable } from 'node:stream'
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { S3Client } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import type { EmulatorOptions } from '../../src/options.ts'
import type { TrailRecord } from '../../src/trail/event.ts'
import { type Journey, startJourney } from '../emulator.ts'

/*
 * The workbench of the SSE table. A row says what is sent and what must come back:
 *
 *   headers in the wire's own words ─▶ the SDK's client signs and sends ─▶ status, error, encryption headers, KMS's events
 */

/** An answer as it came over the wire. */
export interface Reply {
  status: number
  headers: Record<string, string>
  text: string
}

/** What a row expects. Encryption headers and events are compared whole: what is not named must be absent. */
export interface Expected {
  status: number
  code?: string
  message?: string
  /** ArgumentName and ArgumentValue. */
  argument?: [name: string, value: string]
  /** Every header that begins with `x-amz-server-side-encryption`; default: none. */
  encryption?: Record<string, string>
  /** KMS's events as {@link Table.events} writes them; default: none. */
  kms?: readonly string[]
}

export type Headers = Record<string, string>

export class Table {
  readonly journey: Journey
  readonly #s3: S3Client
  #headers: Headers = {}
  #reply: Reply | undefined
  #lastEvent: string | undefined

  private constructor(journey: Journey) {
    this.journey = journey
    this.#s3 = new S3Client(journey.configuration)
    this.#s3.middlewareStack.add(
      (next) => (input) => {
        Object.assign((input.request as { headers: Headers }).headers, this.#headers)
        return next(input)
      },
      { step: 'build' },
    )
    this.#s3.middlewareStack.add(
      (next) => async (input) => {
        const output = await next(input)
        this.#reply = await recorded(output.response)
        return output
      },
      // Behind the SDK's own deserializer: this sees the bytes first.
      { step: 'deserialize', priority: 'low' },
    )
  }

  static async open(options: Partial<EmulatorOptions> = {}): Promise<Table> {
    return new Table(await startJourney(options))
  }

  /** Lets the SDK send, with further headers put in before it signs; an SDK error is an answer like others. */
  async send(headers: Headers, action: (s3: S3Client) => Promise<unknown>): Promise<Reply> {
    this.#headers = headers
    this.#reply = undefined
    const failure = await action(this.#s3)
      .then(readBody)
      .catch((error: unknown) => error)
    this.#headers = {}
    if (!this.#reply) throw failure
    return this.#reply
  }

  /**
   * KMS's events since the last look, oldest first: `GenerateDataKey {context}`, with ` !Code` behind a refused one.
   * @param names what stands for an ARN in a context, `object` for `arn:aws:s3:::bucket/key`
   */
  async events(names: Record<string, string> = {}): Promise<string[]> {
    return (await this.freshRecords()).map((record) => describeEvent(record, names))
  }

  async stop(): Promise<void> {
    this.#s3.destroy()
    await this.journey.stop()
  }

  /** The same events as records; every look begins where the last one ended. */
  async freshRecords(): Promise<TrailRecord[]> {
    return (await this.#newestRecords()).reverse()
  }

  async #newestRecords(): Promise<TrailRecord[]> {
    const fresh: TrailRecord[] = []
    const LookupAttributes = [{ AttributeKey: 'EventSource' as const, AttributeValue: 'kms.amazonaws.com' }]
    let NextToken: string | undefined
    const last = this.#lastEvent
    do {
      const page = await this.journey.cloudTrail.send(new LookupEventsCommand({ LookupAttributes, NextToken }))
      for (const { CloudTrailEvent = '{}' } of page.Events ?? []) {
        const record: TrailRecord = JSON.parse(CloudTrailEvent)
        if (record.eventID === last) return fresh
        this.#lastEvent = fresh[0]?.eventID ?? record.eventID
        fresh.push(record)
      }
      NextToken = page.NextToken
    } while (NextToken)
    return fresh
  }
}

/** Holds an answer and its events against a row. */
export function expectReply(reply: Reply, events: readonly string[], expected: Expected): void {
  const { status, code, message, argument, encryption = {}, kms = [] } = expected
  const told = {
    status: reply.status,
    ...(code !== undefined && { code: element(reply, 'Code') }),
    ...(message !== undefined && { message: element(reply, 'Message') }),
    ...(argument && { argument: [element(reply, 'ArgumentName'), element(reply, 'ArgumentValue')] }),
    encryption: encryptionHeaders(reply),
    kms: events,
  }
  expect(told).toEqual({
    status,
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
    ...(argument && { argument }),
    encryption,
    kms,
  })
}

/** The text of an element of the answer's document; '' when it is empty, undefined when it is not there. */
export function element({ text }: Reply, name: string): string | undefined {
  if (text.includes(`<${name}/>`)) return ''
  const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
  return content?.replace(/&(quot|apos|lt|gt|amp);/g, (entity) => entities[entity] ?? entity)
}

const entities: Record<string, string> = { '&quot;': '"', '&apos;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/** All that an answer says of encryption. */
export function encryptionHeaders({ headers }: Reply): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-server-side-encryption')))
}

function describeEvent(record: TrailRecord, names: Record<string, string>): string {
  const { eventName, errorCode, requestParameters } = record
  const context = (requestParameters?.encryptionContext ?? {}) as Record<string, string>
  const { 'aws:s3:arn': arn = '-', ...own } = context
  const pairs = Object.entries(own)
    .map(([name, value]) => ` ${name}=${value}`)
    .sort()
  return `${eventName} ${names[arn] ?? arn}${pairs.join('')}${errorCode ? ` !${errorCode}` : ''}`
}

interface WireResponse {
  statusCode: number
  headers: Headers
  body: AsyncIterable<Uint8Array>
}

async function recorded(response: unknown): Promise<Reply> {
  const wire = response as WireResponse
  const chunks: Uint8Array[] = []
  for await (const chunk of wire.body) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  wire.body = Readable.from([bytes])
  return { status: wire.statusCode, headers: wire.headers, text: bytes.toString() }
}

/** Reads a body to its end, so that the SDK holds it against its checksum. */
async function readBody(output: unknown): Promise<void> {
  const { Body } = output as { Body?: { transformToByteArray(): Promise<Uint8Array> } }
  await Body?.transformToByteArray()
}
