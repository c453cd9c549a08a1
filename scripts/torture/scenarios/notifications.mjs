import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { bytesOf } from '../chance.mjs'
import { Client } from '../client.mjs'
import { until } from '../history.mjs'
import { startProgram } from '../program.mjs'

/*
 *   writers ──ack──▶ an event of that request, once     kill -9, start     no event lost, none without its change: the last event of
 *           ──sent─▶ an event if, and only if, the change is there         a key tells what the key holds; the receiver got each of them,
 *                                                                        those of a key in order
 *
 * The receiver now and then refuses, or hangs up. A key has one writer.
 */

const bucket = 'notifying'
const queue = 'arn:aws:sqs:us-east-1:000000000000:torture'
const writers = 6
const keysOfWriter = 4

async function run({ chance, folder, count, fault, figure, atEnd }) {
  const cycles = count(20, 250)
  const receiver = await startReceiver(chance.fork('receiver'))
  atEnd(() => receiver.stop())
  const flags = ['--notify-url', receiver.url]
  const history = new EventHistory()
  let program = await startProgram({ folder, flags })
  let client = new Client(program)
  await configure(client)
  let acknowledged = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    acknowledged += await writeUntilKilled(program, client, history, chance.fork(`cycle-${cycle}`))
    client.close()
    program = await startProgram({ folder, flags })
    client = new Client(program)
    for (const words of await history.check(client)) fault(`cycle ${cycle}: ${words}`)
  }
  receiver.isKind = true
  await until('all is delivered', 120, () => history.isDelivered(client))
  for (const words of history.faultsOf(receiver.received)) fault(`at the end: ${words}`)
  const code = await program.stop()
  if (code !== 0) fault(`SIGTERM at the end: exit code ${code}\n${program.output}`)
  figure('kill -9 under writes that are told of', `${cycles} times`)
  figure('acknowledged changes, each with its event', acknowledged)
  figure('events, each received', `${history.events.size}, ${receiver.received.length} deliveries`)
}

async function configure(client) {
  await client.ok('PUT', `/${bucket}`)
  const events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((event) => `<Event>${event}</Event>`).join('')
  const body = `<NotificationConfiguration><QueueConfiguration><Queue>${queue}</Queue>${events}</QueueConfiguration></NotificationConfiguration>`
  await client.ok('PUT', `/${bucket}`, { query: [['notification', '']], body })
}

/** @returns how many changes were acknowledged */
async function writeUntilKilled(program, client, history, chance) {
  const last = chance.between(1, 200)
  let acknowledged = 0
  let killed
  const write = async (writer) => {
    const own = chance.fork(`writer-${writer}`)
    for (let body = 0; ; body++) {
      const key = `writer-${writer}/${own.int(keysOfWriter)}`
      const isDeletion = history.holds(key) && own.oneIn(3)
      const bytes = isDeletion ? undefined : bytesOf(`${key}/${body}/${own.int(2 ** 32)}`, own.between(1, 3000))
      await history.change(key, bytes && md5Of(bytes), () =>
        bytes ? client.ok('PUT', `/${bucket}/${key}`, { body: bytes }) : client.ok('DELETE', `/${bucket}/${key}`),
      )
      acknowledged++
      if (acknowledged >= last) killed ??= program.kill()
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer).catch(() => undefined)))
  await killed
  return acknowledged
}

/** What was changed, and what was told of it. */
class EventHistory {
  /** Id of a notification → its record, all of them. */
  events = new Map()
  /** Key → the ETag that it holds, as far as is known. */
  #held = new Map()
  /** Key → the ETag of the last event about it; undefined: it was removed. */
  #told = new Map()
  /** Request id → key and ETag of an acknowledged change that no event was seen of yet. */
  #owed = new Map()
  /** Keys whose last change was not answered. */
  #open = new Set()
  #next = 0

  holds(key) {
    return this.#held.get(key) !== undefined
  }

  async change(key, etag, send) {
    this.#open.add(key)
    const { headers } = await send()
    this.#open.delete(key)
    this.#held.set(key, etag)
    this.#owed.set(headers['x-amz-request-id'], { key, etag })
  }

  /** Reads what was told since the last time, and holds it against the objects. @returns what is wrong, in words */
  async check(client) {
    const faults = []
    const unanswered = new Map()
    for (const { id, key, message } of await this.#read(client)) {
      const [record] = message.Records ?? []
      if (!record) continue
      if (this.events.has(id)) faults.push(`the event ${id} was there already`)
      this.events.set(id, record)
      const etag = record.eventName.startsWith('ObjectCreated:') ? record.s3.object.eTag : undefined
      this.#told.set(key, etag)
      const request = record.responseElements['x-amz-request-id']
      const owed = this.#owed.get(request)
      this.#owed.delete(request)
      if (!owed) unanswered.set(key, (unanswered.get(key) ?? 0) + 1)
      else if (owed.key !== key || owed.etag !== etag) faults.push(`${key}: an event of another change`)
    }
    for (const [request, { key }] of this.#owed) faults.push(`${key}: no event of the acknowledged request ${request}`)
    this.#owed.clear()
    for (const [key, times] of unanswered) {
      if (!this.#open.has(key) || times > 1) faults.push(`${key}: ${times} events of changes that nobody asked for`)
    }
    this.#open.clear()
    for (const key of this.#told.keys()) faults.push(...(await this.#compare(client, key)))
    return faults
  }

  async #compare(client, key) {
    const { status, headers } = await client.s3('HEAD', `/${bucket}/${key}`)
    const etag = status === 200 ? headers.etag.replaceAll('"', '') : undefined
    this.#held.set(key, etag)
    const told = this.#told.get(key)
    return etag === told ? [] : [`${key} holds ${etag ?? 'nothing'}, and the last event tells of ${told ?? 'nothing'}`]
  }

  async #read(client) {
    const found = []
    for (;;) {
      const { notifications, next } = await readPage(client, this.#next)
      this.#next = next
      found.push(...notifications)
      if (notifications.length === 0) return found
    }
  }

  async isDelivered(client) {
    await client.control('POST', 'settle')
    for (let after = 0; ; ) {
      const { notifications, next } = await readPage(client, after)
      if (notifications.some(({ delivery }) => delivery === 'pending')) return false
      if (notifications.length === 0) return true
      after = next
    }
  }

  /** @param received ids and records, in the order in which they came */
  faultsOf(received) {
    const faults = []
    const seen = new Set()
    const last = new Map()
    for (const { id, record } of received) {
      if (!this.events.has(id)) faults.push(`${id} was delivered, and there is no such event`)
      if (seen.has(id)) continue
      seen.add(id)
      const { key, sequencer } = record.s3.object
      if (sequencer <= (last.get(key) ?? '')) faults.push(`${key}: ${sequencer} came behind ${last.get(key)}`)
      last.set(key, sequencer)
    }
    for (const [id, { s3 }] of this.events)
      if (!seen.has(id)) faults.push(`${s3.object.key}: ${id} was never delivered`)
    return faults
  }
}

async function readPage(client, after) {
  const { body } = await client.control('GET', `notifications?limit=1000&after=${after}`)
  return JSON.parse(body.toString())
}

async function startReceiver(chance) {
  const receiver = { received: [], isKind: false }
  const server = createServer(async (incoming, outgoing) => {
    const chunks = []
    for await (const chunk of incoming) chunks.push(chunk)
    if (!receiver.isKind && chance.oneIn(40)) return incoming.socket.destroy()
    const isRefused = !receiver.isKind && chance.oneIn(20)
    const [record] = JSON.parse(Buffer.concat(chunks).toString()).Records ?? []
    if (record && !isRefused) receiver.received.push({ id: incoming.headers['x-s3kms-notification-id'], record })
    outgoing.writeHead(isRefused ? 503 : 204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  receiver.url = `http://127.0.0.1:${server.address().port}`
  receiver.stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return receiver
}

function md5Of(bytes) {
  return createHash('md5').update(bytes).digest('hex')
}

export const notifications = {
  name: 'notifications',
  what: 'kill -9 under writes that are told of: no event lost, none without its change',
  minutes: 6,
  run,
}
