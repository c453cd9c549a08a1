import { TurnableAmbient } from '../../ambient.ts'
import { rootCaller } from '../../aws/caller.ts'
import { createLog } from '../../log.ts'
import { readSettings } from '../../options.ts'
import { fetchFrom } from '../../protocol/http.fixture.ts'
import type { ServiceName } from '../../server/gateway.ts'
import { openServices, type Services } from '../../services.ts'
import { segmentKey } from '../../store/blob-records.ts'
import { Database } from '../../store/database.ts'
import { encodeKey, type KeyOf, type PartType, type RecordKind } from '../../store/keyspace.ts'
import type { Levels } from '../../store/level.ts'
import { openStorage } from '../../store/storage.ts'

/* A store in memory as it lies there, so that it can be changed behind the services' back: as by somebody who has the disk. */

const accountId = '000000000000'
const region = 'us-east-1'
const now = Date.UTC(2026, 10, 30)

/** All that a store has. */
export interface Content {
  records: [string, string][]
  bodies: [Buffer, Buffer][]
}

/** Changes a store that nobody has open. */
export class Damage {
  readonly #levels: Levels

  constructor(levels: Levels) {
    this.#levels = levels
  }

  async all<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>): Promise<KeyOf<Parts>[]> {
    const keys: KeyOf<Parts>[] = []
    const database = await Database.open({ storage: { levels: this.#levels } })
    for await (const { key } of database.entries(kind)) keys.push(key)
    return keys
  }

  text<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>, text: string) {
    return this.#levels[0].put(encodeKey(kind, key), text)
  }

  put<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>, value: Value) {
    return this.text(kind, key, JSON.stringify(value))
  }

  async drop<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): Promise<void> {
    this.get(kind, key)
    await this.#levels[0].del(encodeKey(kind, key))
  }

  get<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>): Value {
    const text = this.#levels[0].getSync(encodeKey(kind, key))
    if (text === undefined) throw new Error(`${kind.name} ${key.join(' ')} is not there`)
    return JSON.parse(text)
  }

  amend<Value, const Parts extends readonly PartType[]>(
    kind: RecordKind<Value, Parts>,
    key: KeyOf<Parts>,
    change: (value: NoInfer<Value>) => NoInfer<Value>,
  ): Promise<void> {
    return this.put(kind, key, change(this.get(kind, key)))
  }

  segment(number: number): Buffer {
    const bytes = this.#levels[1].getSync(segmentKey(number))
    if (!bytes) throw new Error(`Segment ${number} is not there`)
    return Buffer.from(bytes)
  }

  putSegment(number: number, bytes: Buffer) {
    return this.#levels[1].put(segmentKey(number), bytes)
  }

  dropSegment(number: number) {
    return this.#levels[1].del(segmentKey(number))
  }
}

export interface OpenedStore {
  services: Services
  ambient: TurnableAmbient
  s3(method: string, target: string, body?: string, headers?: Record<string, string>): Promise<Response>
  /** Of an AWS JSON service. @returns the output */
  json(
    service: 'kms' | 'cloudtrail',
    operation: string,
    input?: object,
    inRegion?: string,
  ): Promise<Record<string, unknown>>
  iam(action: string, input?: Record<string, string>): Promise<string>
  content(): Promise<Content>
  close(): Promise<void>
}

/**
 * Opens a store with all services over it.
 * @param content undefined: an empty one
 * @param damage what is done to it before
 */
export async function openStoreWith(content?: Content, damage?: (damage: Damage) => unknown): Promise<OpenedStore> {
  const { levels } = await openStorage(undefined)
  for (const [key, value] of content?.records ?? []) await levels[0].put(key, value)
  for (const [key, value] of content?.bodies ?? []) await levels[1].put(key, value)
  await damage?.(new Damage(levels))
  const ambient = new TurnableAmbient(now)
  const log = createLog({ level: 'silent', json: false, now: () => 0, write: () => undefined })
  const database = await Database.open({ storage: { levels } })
  const settings = readSettings({ ephemeral: true }, 'library')
  const services = await openServices({ database, ambient, settings, log })
  const send = async (service: ServiceName, request: Request, inRegion = region) => {
    const session = { caller: rootCaller(accountId, 'test'), region: inRegion, service: 's3' } as const
    const answer = await fetchFrom(services.endpoints[service], request, { session })
    if (answer.status >= 300) throw new Error(`${request.url}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  return {
    services,
    ambient,
    s3: (method, target, body, headers = {}) => {
      const length = String(body === undefined ? 0 : Buffer.byteLength(body))
      const url = `http://s3.localhost${target}`
      return send('s3', new Request(url, { method, body, headers: { 'content-length': length, ...headers } }))
    },
    async json(service, operation, input = {}, inRegion = region) {
      const target = service === 'kms' ? 'TrentService' : 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101'
      const headers = { 'x-amz-target': `${target}.${operation}`, 'content-type': 'application/x-amz-json-1.1' }
      const request = new Request('http://localhost/', { method: 'POST', headers, body: JSON.stringify(input) })
      const text = await (await send(service, request, inRegion)).text()
      return text === '' ? {} : JSON.parse(text)
    },
    async iam(action, input = {}) {
      const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...input })
      return (await send('iam', new Request('http://localhost/', { method: 'POST', body }))).text()
    },
    async content() {
      const [records, bodies] = levels
      return { records: await records.iterator().all(), bodies: (await bodies.iterator().all()) as [Buffer, Buffer][] }
    },
    async close() {
      await services.close()
      await database.close()
    },
  }
}
