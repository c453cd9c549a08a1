import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../client.mjs'
import { startProgram } from '../program.mjs'

/*
 * kill -9 while the clock is turned on. It stands, so that moments can be compared to the millisecond. After each death it shows a moment
 * from where it was up to where it was to be; at the end every deletion and every rotation that fell due has one event, at its own moment.
 */

const day = 86_400_000
const shortestWindow = 7
const longestWindow = 30
const rotationPeriod = 90

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(12, 120)
  let program = await startProgram({ folder, flags: ['--trail-retention', '3000'] })
  let client = new Client(program)
  const clock = async (method, path) => {
    const { status, body } = await client.control(method, path)
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
    return Date.parse(JSON.parse(body).time)
  }
  const started = await clock('POST', 'clock/freeze')
  const deleted = await scheduleDeletions(client, 120)
  const rotated = await startRotations(client, 10)
  let shown = started
  const seen = { before: 0, between: 0, after: 0 }
  for (let cycle = 0; cycle < cycles; cycle++) {
    const days = chance.between(1, 12)
    const goal = shown + days * day
    const asked = clock('POST', `clock/advance/${days}d`).then(
      () => true,
      () => false,
    )
    const isAcknowledged =
      (await Promise.race([asked, pause(chance.int(chance.pick([15, 40, 1200])), 'late', { ref: false })])) === true
    await program.kill()
    client.close()
    program = await startProgram({ folder, flags: ['--trail-retention', '3000'] })
    client = new Client(program)
    const now = await clock('GET', 'clock')
    if (now < shown || now > goal) fault(`cycle ${cycle}: ${iso(now)} is not between ${iso(shown)} and ${iso(goal)}`)
    if (isAcknowledged && now !== goal) fault(`cycle ${cycle}: ${iso(goal)} was acknowledged, and it is ${iso(now)}`)
    seen[now === goal ? 'after' : now === shown ? 'before' : 'between']++
    shown = now
  }
  const end = Math.max(shown, started + rotationPeriod * day) + day
  await clock('POST', `clock/set/${iso(end)}`)
  const rotations = Math.floor((end - started) / (rotationPeriod * day))
  const events = await eventsOf(client)
  for (const [keyId, time] of deleted) {
    const times = events.get(`DeleteKey ${keyId}`) ?? []
    if (times.length !== 1 || times[0] !== time)
      fault(`${keyId} was to be deleted at ${time}: ${times.join(', ') || 'never'}`)
    const { status } = await client.kms('DescribeKey', { KeyId: keyId })
    if (status === 200) fault(`${keyId} is still there`)
  }
  for (const keyId of rotated) {
    const times = events.get(`RotateKey ${keyId}`) ?? []
    const due = Array.from({ length: rotations }, (_, index) => second(started + (index + 1) * rotationPeriod * day))
    if (times.toSorted().join() !== due.join()) fault(`${keyId} was to be rotated at ${due}: ${times}`)
  }
  await program.stop()
  figure('kill -9 inside a turn of the clock', `${cycles} times`)
  figure('afterwards where it was, on its way, where it was to be', `${seen.before}, ${seen.between}, ${seen.after}`)
  figure('deletions and rotations at their own moments', `${deleted.size}, ${rotated.length * rotations}`)
}

/** @returns by id, the moment at which each key is to be deleted, as events write it */
async function scheduleDeletions(client, count) {
  const due = new Map()
  for (let index = 0; index < count; index++) {
    const KeyId = await createKey(client)
    const PendingWindowInDays = shortestWindow + (index % (longestWindow - shortestWindow + 1))
    const { output } = await client.kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays })
    due.set(KeyId, second(output.DeletionDate * 1000))
  }
  return due
}

async function startRotations(client, count) {
  const ids = []
  for (let index = 0; index < count; index++) {
    const KeyId = await createKey(client)
    await client.kms('EnableKeyRotation', { KeyId, RotationPeriodInDays: rotationPeriod })
    ids.push(KeyId)
  }
  return ids
}

async function createKey(client) {
  const { output } = await client.kms('CreateKey', {})
  return output.KeyMetadata.KeyId
}

/** @returns by `EventName keyId`, the moments of all deletions and rotations */
async function eventsOf(client) {
  const found = new Map()
  for (const AttributeValue of ['DeleteKey', 'RotateKey']) {
    let NextToken
    do {
      const LookupAttributes = [{ AttributeKey: 'EventName', AttributeValue }]
      const { output } = await client.lookup({ LookupAttributes, NextToken })
      for (const { CloudTrailEvent } of output.Events) {
        const { eventTime, resources } = JSON.parse(CloudTrailEvent)
        const name = `${AttributeValue} ${resources[0].ARN.split('/').at(-1)}`
        found.set(name, [...(found.get(name) ?? []), eventTime])
      }
      NextToken = output.NextToken
    } while (NextToken)
  }
  return found
}

function iso(time) {
  return new Date(time).toISOString()
}

/** As events write a moment. */
function second(time) {
  return iso(time).replace(/\.\d+/, '')
}

export const killInClock = {
  name: 'kill-in-clock',
  what: 'kill -9 while the clock is turned on: it never goes back, and what fell due happened once, at its own moment',
  minutes: 2,
  run,
}
