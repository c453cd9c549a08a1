import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../client.mjs'
import { cloudTrailRequest, kmsRequest } from '../fuzz/json.mjs'
import { chunkedRequest, controlRequest, formRequest, garbage, presignedRequest } from '../fuzz/others.mjs'
import { permissionRequest } from '../fuzz/permissions.mjs'
import { iamRequest, stsRequest } from '../fuzz/query.mjs'
import { s3Request } from '../fuzz/s3.mjs'
import { freshWorld } from '../fuzz/world.mjs'
import { startProgram } from '../program.mjs'
import { stopwatch } from '../stopwatch.mjs'
import { Cut, Line, throwAt } from '../wire.mjs'

/*
 * Every surface gets what no client sends: inputs that were right, changed in a place or two. Request n hangs on the seed and n
 * alone (and on the ids that the emulator gave). What must hold: no 5xx but 501 and 503, no crash, an answer or an end soon,
 * flat memory. Who was late or cut is asked again alone at the end: on a loaded machine everybody is late now and then.
 */

const connections = 12
/** Requests between two fresh worlds: a world is soon used up. */
const batch = 2500
const slow = 2000
const patience = 90_000
/** MiB that may come on top behind the warm-up: LevelDB's open tables, V8's heap. */
const allowedGrowth = 80
const makers = [
  ...Array.from({ length: 8 }, () => ['s3', s3Request]),
  ...Array.from({ length: 6 }, () => ['kms', kmsRequest]),
  ['cloudtrail', cloudTrailRequest],
  ...Array.from({ length: 4 }, () => ['permissions', permissionRequest]),
  ['iam', iamRequest],
  ['iam', iamRequest],
  ['sts', stsRequest],
  ['control', controlRequest],
  ['presigned', presignedRequest],
  ['presigned', presignedRequest],
  ['form', formRequest],
  ['chunked', chunkedRequest],
  ['garbage', garbage],
]

async function run(context) {
  const { folder, count, figure } = context
  const total = count(100_000, 500_000)
  const program = await startProgram({ folder })
  const seen = { statuses: new Map(), surfaces: new Map(), slowest: { took: 0 }, suspects: [], total: 0 }
  const lines = Array.from({ length: connections }, () => new Line(program.port))
  const begun = performance.now()
  let warm = 0
  for (let first = 0; first < total && program.isRunning; first += batch) {
    const world = await freshWorld(program)
    await fuzzBatch(context, program, world, lines, first, seen)
    if (first === Math.floor(total / 2 / batch) * batch) await new Client(program).control('POST', 'reset')
    if (first >= total / 4 && warm === 0) warm = await restingMemory(program)
  }
  const seconds = (performance.now() - begun) / 1000
  for (const line of lines) line.close()
  if (!program.isRunning) {
    return context.fault(
      `the program ended: code ${program.child.exitCode}, ${program.child.signalCode}\n${program.output.slice(-3000)}`,
    )
  }
  const resting = await restingMemory(program)
  if (resting - warm > allowedGrowth) context.fault(`memory grew from ${warm} to ${resting} MiB`)
  await askAgain(context, program, seen)
  figure('requests', `${seen.total} in ${seconds.toFixed(0)} s`)
  figure(
    'answers by status',
    [...seen.statuses]
      .sort()
      .map(([status, count]) => `${status || 'none'}:${count}`)
      .join(' '),
  )
  // A door whose requests are all refused was not passed.
  const taken = [...seen.surfaces].sort().map(([surface, { asked, taken }]) => `${surface}:${taken}/${asked}`)
  figure('taken, of those that were asked', taken.join(' '))
  figure('slowest', `${seen.slowest.took.toFixed(0)} ms, ${seen.slowest.what}`)
  figure('resident behind the warm-up, at the end, at most', `${warm}, ${resting}, ${program.peak()} MiB`)
  const code = await program.stop()
  if (code !== 0) context.fault(`SIGTERM at the end: exit code ${code}`)
}

async function fuzzBatch(context, program, world, lines, first, seen) {
  let next = first
  await Promise.all(
    lines.map(async (line) => {
      while (next < first + batch && program.isRunning) await fuzzOne(context, program, world, line, next++, seen)
    }),
  )
}

async function fuzzOne(context, program, world, line, number, seen) {
  const chance = context.chance.fork(number)
  const [surface, make] = chance.pick(makers)
  const request = { ...make(chance, world), number, surface }
  const printed = program.output.length
  seen.total++
  try {
    const answer = await sent(program, line, request)
    count(seen, surface, answer.status)
    if (answer.took > seen.slowest.took)
      seen.slowest = { took: answer.took, what: `${surface}, request ${number}, ${request.what}` }
    if (answer.took > slow) seen.suspects.push({ request, why: `${answer.took.toFixed(0)} ms` })
    if (answer.status < 500 || answer.status === 501 || answer.status === 503) return
    await pause(20)
    report(context, request, `${answer.status}; ${program.output.slice(printed, printed + 400)}`)
  } catch (error) {
    seen.suspects.push({ request, why: error.message })
  }
}

function count({ statuses, surfaces }, surface, status) {
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const own = surfaces.get(surface) ?? { asked: 0, taken: 0 }
  surfaces.set(surface, own)
  own.asked++
  if (status >= 200 && status < 300) own.taken++
}

async function sent(program, line, { bytes, method, isWhole }) {
  if (!isWhole) return throwAt(program.port, bytes, patience)
  try {
    return await line.exchange(bytes, method, patience)
  } catch (error) {
    if (!(error instanceof Cut)) throw error
    // An idle connection may end while a request is on its way to it.
    return line.exchange(bytes, method, patience)
  }
}

/** Late and cut ones once more, alone. */
async function askAgain(context, program, seen) {
  context.figure(`later than ${slow} ms or cut, asked again alone`, seen.suspects.length)
  for (const { request, why } of seen.suspects.slice(0, 40)) {
    const line = new Line(program.port)
    try {
      const stop = stopwatch(() => program.waited())
      await sent(program, line, request)
      const { took, own } = stop()
      const words = `${took.toFixed(0)} ms, ${own.toFixed(0)} without the wait for a processor`
      if (took > slow) context.figure(`  alone, ${request.surface} request ${request.number}`, words)
      if (own > context.limit) report(context, request, `answered alone in ${words}`)
    } catch (error) {
      report(context, request, `${error.message} (before: ${why})`)
    }
    line.close()
  }
}

/** @param words what happened; the bytes are kept for a second look */
function report(context, { number, surface, what, bytes }, words) {
  const file = join(tmpdir(), `s3kms-torture-request-${number}.bin`)
  writeFileSync(file, bytes)
  context.fault(`${surface}, request ${number}, ${what}: ${words} (${file})`)
}

async function restingMemory(program) {
  await pause(1500)
  return program.resident()
}

export const fuzz = { name: 'fuzz', what: 'every surface, 100,000 requests that are nearly right', minutes: 6, run }
