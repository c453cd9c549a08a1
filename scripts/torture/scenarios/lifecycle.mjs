import { createHash } from 'node:crypto'
import { Client } from '../client.mjs'
import { days, KeyHistory, UploadHistory } from '../lifecycle-history.mjs'
import { startProgram } from '../program.mjs'

/*
 *   writers ─▶ versions, markers, locks, uploads
 *   clock   ─▶ a day or two on: what is due is done, while they write      kill -9, start, settle     nothing due is left, nothing else gone,
 *   rules   ─▶ now and then away and put again: the index is built anew                              each change of the lifecycle has its event
 */

const bucket = 'lifecycle'
const queue = 'arn:aws:sqs:us-east-1:000000000000:torture'
const writers = 6
const keysOfWriter = 8

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(15, 250)
  const history = {
    keys: new Map(),
    uploads: new UploadHistory(bucket),
    readTo: 0,
    told: 0,
  }
  for (let writer = 0; writer < writers; writer++) {
    for (let index = 0; index < keysOfWriter; index++) {
      const key = `writer-${writer}/${index}`
      history.keys.set(key, new KeyHistory(bucket, key))
    }
  }
  let program = await startProgram({ folder })
  let client = new Client(program)
  await configure(client)
  let acknowledged = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    acknowledged += await writeUntilKilled(program, client, history, chance.fork(`cycle-${cycle}`))
    client.close()
    program = await startProgram({ folder })
    client = new Client(program)
    for (const words of await check(client, history)) fault(`cycle ${cycle}: ${words}`)
  }
  const begun = Date.now()
  const passed = ((await clockOf(client)) - begun) / 86_400_000
  const code = await program.stop()
  if (code !== 0) fault(`SIGTERM at the end: exit code ${code}\n${program.output}`)
  figure('kill -9 while the clock is turned under writes', `${cycles} times`)
  figure('acknowledged changes', acknowledged)
  figure('days that passed', passed.toFixed(0))
  figure('versions expired and markers put, each with its event', history.told)
}

async function configure(client) {
  await client.ok('PUT', `/${bucket}`, { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
  const body = `<NotificationConfiguration><QueueConfiguration><Queue>${queue}</Queue><Event>s3:LifecycleExpiration:*</Event></QueueConfiguration></NotificationConfiguration>`
  await client.ok('PUT', `/${bucket}`, { query: [['notification', '']], body })
  await putRules(client)
}

async function putRules(client) {
  const actions =
    `<Expiration><Days>${days.expiry}</Days></Expiration>` +
    `<NoncurrentVersionExpiration><NoncurrentDays>${days.noncurrent}</NoncurrentDays></NoncurrentVersionExpiration>` +
    `<AbortIncompleteMultipartUpload><DaysAfterInitiation>${days.upload}</DaysAfterInitiation></AbortIncompleteMultipartUpload>`
  const body = `<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status>${actions}</Rule></LifecycleConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  await client.ok('PUT', `/${bucket}`, { query: [['lifecycle', '']], body, headers })
}

/** @returns how many changes were acknowledged */
async function writeUntilKilled(program, client, history, chance) {
  const now = await clockOf(client)
  if (chance.oneIn(4)) {
    await client.ok('DELETE', `/${bucket}`, { query: [['lifecycle', '']] })
    await putRules(client)
  }
  const last = chance.between(1, 150)
  let acknowledged = 0
  let ending
  const end = async () => {
    const turned = client.control('POST', `clock/advance/${chance.between(1, 2)}d`).catch(() => undefined)
    const patience = new Promise((resolve) => setTimeout(resolve, chance.between(20, 1000)))
    await Promise.race([turned, patience])
    await program.kill()
  }
  const write = async (writer) => {
    const own = chance.fork(`writer-${writer}`)
    for (;;) {
      const key = `writer-${writer}/${own.int(keysOfWriter)}`
      if (own.oneIn(15)) await history.uploads.create(client, key, now)
      else await history.keys.get(key).change(client, own, now)
      acknowledged++
      if (acknowledged >= last) ending ??= end()
    }
  }
  const ends = Array.from({ length: writers }, (_, writer) => write(writer).catch((error) => error))
  const refusal = (await Promise.all(ends)).find(({ answer }) => answer)
  await ending
  if (refusal) throw refusal
  return acknowledged
}

async function check(client, history) {
  const settled = await clockOf(client)
  await client.control('POST', 'settle')
  const listed = await list(client)
  const events = await eventsSince(client, history)
  const faults = await history.uploads.check(client, settled, await clockOf(client))
  for (const [key, own] of history.keys) {
    faults.push(...(await own.check(client, listed.get(key) ?? [], events.get(key) ?? [], settled)))
  }
  return faults
}

/** ms since the epoch, by the emulator's clock. */
async function clockOf(client) {
  const { body } = await client.control('GET', 'clock')
  return Date.parse(JSON.parse(body.toString()).time)
}

/** Key → its versions, the newest first. */
async function list(client) {
  const listed = new Map()
  let markers = []
  do {
    const text = (await client.ok('GET', `/${bucket}`, { query: [...markers, ['versions', '']] })).body.toString()
    for (const [, kind, content] of text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
      const of = (name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(content)[1]
      const version = {
        id: of('VersionId'),
        isMarker: kind === 'DeleteMarker',
        modified: Date.parse(of('LastModified')),
      }
      listed.set(of('Key'), [...(listed.get(of('Key')) ?? []), version])
    }
    const [, key] = /<NextKeyMarker>(.*?)</.exec(text) ?? []
    const [, id] = /<NextVersionIdMarker>(.*?)</.exec(text) ?? []
    markers =
      key === undefined
        ? []
        : [
            ['key-marker', key],
            ['version-id-marker', id],
          ]
  } while (markers.length > 0)
  return listed
}

/** Key → what was told of it since the last time. */
async function eventsSince(client, history) {
  const found = new Map()
  for (;;) {
    const { body } = await client.control('GET', `notifications?limit=1000&after=${history.readTo}`)
    const { notifications, next } = JSON.parse(body.toString())
    if (notifications.length === 0) return found
    history.readTo = next
    for (const { key, message } of notifications) {
      const [record] = message.Records ?? []
      if (!record) continue
      const event = {
        kind: record.eventName.split(':')[1],
        id: record.s3.object.versionId,
        time: Date.parse(record.eventTime),
      }
      found.set(key, [...(found.get(key) ?? []), event])
      history.told++
    }
  }
}

export const lifecycle = {
  name: 'lifecycle',
  what: 'kill -9 while the clock is turned: what is due goes, with its event, and nothing else, no locked version either',
  minutes: 8,
  run,
}
