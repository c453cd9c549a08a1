import { Client } from '../client.mjs'
import { inParallel } from '../history.mjs'
import { startProgram } from '../program.mjs'
import { stopwatch } from '../stopwatch.mjs'

/* A long trail: how long LookupEvents takes by each attribute, for what is there and for what is not, and whether all is there. */

async function run({ folder, count, fault, figure, limit }) {
  const calls = count(20_000, 200_000)
  const program = await startProgram({ folder })
  const client = new Client(program)
  const keyIds = []
  for (let index = 0; index < 5; index++) keyIds.push((await client.kms('CreateKey', {})).output.KeyMetadata.KeyId)
  // One rare event far behind all others.
  await client.kms('DescribeKey', { KeyId: keyIds[0] })
  const lone = await client.lookup({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'DescribeKey' }] })
  const [rare] = lone.output.Events
  await inParallel(Array.from({ length: calls }), 16, async (_, index) => {
    await client.kms('GenerateDataKey', { KeyId: keyIds[index % keyIds.length], KeySpec: 'AES_256' })
  })
  const slowest = { took: 0 }
  for (const [key, value] of questions(keyIds, rare)) {
    const took = await longest(program, client, { LookupAttributes: [{ AttributeKey: key, AttributeValue: value }] }, 5)
    figure(`LookupEvents by ${key}=${String(value).slice(-36)}`, `${took.toFixed(1)} ms`)
    if (took > slowest.took) Object.assign(slowest, { took, key, value })
  }
  const now = Date.now() / 1000
  for (const range of [{ StartTime: now + 1000, EndTime: now + 2000 }, { EndTime: 1000 }, { StartTime: now - 1 }]) {
    const took = await longest(program, client, range, 5)
    if (took > slowest.took) Object.assign(slowest, { took, key: JSON.stringify(range), value: '' })
  }
  if (slowest.took > limit) fault(`LookupEvents by ${slowest.key} took ${slowest.took.toFixed(0)} ms`)
  const walked = await walk(client, fault)
  if (walked.events < calls) fault(`${walked.events} events were found by walking, ${calls} calls were acknowledged`)
  const peak = program.peak()
  await program.stop()
  figure('events, longest page of a walk over all', `${walked.events}, ${walked.longest.toFixed(1)} ms`)
  figure('longest answer', `${slowest.took.toFixed(1)} ms, by ${slowest.key}`)
  figure('resident at most', `${peak} MiB`)
}

function questions(keyIds, rare) {
  return [
    ['EventId', rare?.EventId],
    ['EventId', '00000000-0000-0000-0000-000000000000'],
    ['EventName', 'DescribeKey'],
    ['EventName', 'GenerateDataKey'],
    ['EventName', 'Nothing'],
    ['ReadOnly', 'true'],
    ['ReadOnly', 'false'],
    ['Username', 'test'],
    ['Username', 'nobody'],
    ['ResourceType', 'AWS::KMS::Key'],
    ['ResourceType', 'AWS::S3::Bucket'],
    ['ResourceName', `arn:aws:kms:us-east-1:000000000000:key/${keyIds[0]}`],
    ['ResourceName', 'nothing'],
    ['EventSource', 'kms.amazonaws.com'],
    ['EventSource', 's3.amazonaws.com'],
    ['AccessKeyId', 'test'],
    ['AccessKeyId', 'AKIANOTHING'],
  ]
}

/** @returns ms of the slowest, without the load of the machine */
async function longest(program, client, input, times) {
  let longestTook = 0
  for (let left = times; left > 0; left--) {
    const stop = stopwatch(() => program.waited())
    const { status, output } = await client.lookup(input)
    if (status !== 200) throw new Error(`LookupEvents ${JSON.stringify(input)}: ${status} ${JSON.stringify(output)}`)
    longestTook = Math.max(longestTook, stop().own)
  }
  return longestTook
}

async function walk(client, fault) {
  const ids = new Set()
  let longestTook = 0
  let NextToken
  let last = Number.POSITIVE_INFINITY
  do {
    const begun = performance.now()
    const { output } = await client.lookup({ NextToken })
    longestTook = Math.max(longestTook, performance.now() - begun)
    for (const { EventId, EventTime } of output.Events) {
      if (ids.has(EventId)) fault(`event ${EventId} came twice`)
      if (EventTime > last) fault(`event ${EventId} is newer than the one before it`)
      ids.add(EventId)
      last = EventTime
    }
    NextToken = output.NextToken
  } while (NextToken)
  return { events: ids.size, longest: longestTook }
}

export const events = { name: 'events', what: 'LookupEvents over a long trail, by each attribute', minutes: 4, run }
