import { Client } from '../client.mjs'
import { ObjectHistory } from '../history.mjs'
import { eventsSince, KeyHistory } from '../key-history.mjs'
import { complete, Load } from '../load.mjs'
import { startProgram } from '../program.mjs'
import { SettingHistory } from '../setting-history.mjs'
import { VersionHistory } from '../version-history.mjs'

/*
 *   load ──ack──▶ what must be there     kill -9, start     objects whole and right, keys as acknowledged, ciphertexts open,
 *        ──sent─▶ what may be there                         parts usable, policies and credentials as acknowledged, and an event
 *                                                         in the trail for every call
 */

const bucket = 'kill'

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(25, 300)
  const world = {
    bucket,
    objects: new ObjectHistory(),
    keys: new KeyHistory(),
    settings: new SettingHistory('settings'),
    versions: [new VersionHistory('versions-1'), new VersionHistory('versions-2')],
    fault,
  }
  let program = await startProgram({ folder })
  let client = new Client(program)
  // What is made here owes its events as well, and may take longer than a second.
  let since = Date.now()
  world.keyId = await world.keys.createKey(client)
  world.toggledKeyId = await world.keys.createKey(client)
  await client.ok('PUT', `/${bucket}`)
  await world.settings.make(client)
  for (const versions of world.versions) await versions.make(client)
  const total = { acknowledged: 0, events: 0, slowestStart: 0 }

  for (let cycle = 0; cycle < cycles; cycle++) {
    const load = new Load(world)
    total.acknowledged += await loadUntilKilled(program, client, load, chance.fork(`cycle-${cycle}`))
    client.close()
    const begun = performance.now()
    program = await startProgram({ folder })
    total.slowestStart = Math.max(total.slowestStart, performance.now() - begun)
    client = new Client(program)
    const report = (words) => fault(`cycle ${cycle}: ${words}`)
    for (const words of await checkTrail(client, world, load, since, total)) report(words)
    for (const words of await world.objects.check(client, bucket)) report(words)
    for (const words of await world.keys.check(client, chance)) report(words)
    for (const words of await world.settings.check(client, chance)) report(words)
    for (const versions of world.versions) for (const words of await versions.check(client)) report(words)
    since = Date.now()
    await finishOpenUpload(client, world)
  }
  for (const words of await world.objects.check(client, bucket, { all: true })) fault(`at the end: ${words}`)
  const code = await program.stop()
  if (code !== 0) fault(`SIGTERM at the end: exit code ${code}\n${program.output}`)
  figure('kill -9 under mixed load', `${cycles} times`)
  figure('acknowledged calls, each looked for afterwards', total.acknowledged)
  figure('events looked through', total.events)
  figure('slowest start after a kill', `${total.slowestStart.toFixed(0)} ms`)
}

/** @returns how many calls were acknowledged */
async function loadUntilKilled(program, client, load, chance) {
  const last = chance.between(1, 150)
  let acknowledged = 0
  let killed
  await load.run(client, chance, () => {
    acknowledged++
    if (acknowledged >= last) killed ??= program.kill()
  })
  await killed
  return acknowledged
}

async function checkTrail(client, { keys, settings }, load, since, total) {
  const records = await eventsSince(client, since)
  total.events += records.length
  const requestIds = new Set(records.map(({ requestID }) => requestID))
  const faults = [...keys.checkTrail(requestIds), ...settings.checkTrail(requestIds)]
  for (const [event, owed] of Object.entries(load.owed)) {
    for (const [arn, count] of owed) {
      const found = records.filter((record) => isOf(record, event, arn)).length
      if (found < count) faults.push(`${count} acknowledged requests owe a ${event} of ${arn}, the trail has ${found}`)
    }
  }
  return faults
}

function isOf({ eventName, requestParameters }, event, arn) {
  return eventName === event && requestParameters?.encryptionContext?.['aws:s3:arn'] === arn
}

/** Parts that were acknowledged before the kill make an object after it. */
async function finishOpenUpload(client, world) {
  const { open } = world
  world.open = undefined
  if (open) await complete(client, world.objects, open)
}

export const kill = {
  name: 'kill',
  what: 'kill -9 under mixed load: objects, bodies, keys, policies, events',
  minutes: 5,
  run,
}
