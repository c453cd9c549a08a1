import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { bytesOf, digestOf } from '../chance.mjs'
import { Client } from '../client.mjs'
import { contentOf, until } from '../history.mjs'
import { kmsHeaders } from '../load.mjs'
import { NotStarted, startProgram } from '../program.mjs'

/*
 * A data folder on a small tmpfs. It fills up twice: beside a ballast file that is then taken away, and by objects alone,
 * that are then deleted. While full: 503 for what cannot be written, reads as ever, no hang. With room again all works without
 * a restart; what was acknowledged is there, also after kill -9 of the full one.
 */

const run = promisify(execFile)
const size = 96
const bucket = 'full'
/** A request that is not answered by then hangs, in ms. */
const patience = 15_000

async function fullDisk(context) {
  const { folder, fault, figure } = context
  const place = `${folder}/disk`
  await mkdir(place)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', place])
  } catch {
    return context.skip('a tmpfs cannot be mounted here')
  }
  context.atEnd(() => run('umount', ['-l', place]))
  await onSmallDisk(place, fault, figure)
}

async function onSmallDisk(place, fault, figure) {
  const data = `${place}/data`
  const objects = new Map()
  let program = await startProgram({ folder: data })
  let client = new Client(program, { patience })
  const { output } = await client.kms('CreateKey', {})
  const world = { client, keyId: output.KeyMetadata.KeyId, objects, sealed: new Set(), fault, figure, serial: 0 }
  await client.ok('PUT', `/${bucket}`)
  for (let index = 0; index < 6; index++) await putOne(world, index % 2 === 0 ? {} : kmsHeaders(world.keyId), 100 << 10)

  // A ballast takes the room away and gives it back.
  await writeFile(`${place}/ballast`, Buffer.alloc((size - 24) << 20)).catch(() => undefined)
  figure('refused, beside a ballast', await fill(world))
  await whileFull(world, 'beside a ballast')
  await rm(`${place}/ballast`)
  await recovers(world, 'once the ballast was gone')

  // The full one is killed and started again, with room and without.
  figure('refused, by objects alone', await fill(world))
  await whileFull(world, 'full of objects')
  await program.kill()
  client.close()
  program = await startFull(data, fault)
  if (!program) return
  client = new Client(program, { patience })
  world.client = client
  // A start may free what logs and merged tables still took.
  figure('refused, after kill -9 of the full one', await fill(world))
  await whileFull(world, 'after kill -9 of the full one')
  await deleteSome(world)
  await recovers(world, 'once objects were deleted')
  await check(world, 'at the end')
  const code = await program.stop()
  if (code !== 0) fault(`SIGTERM at the end: exit code ${code}`)
}

async function startFull(data, fault) {
  try {
    return await startProgram({ folder: data })
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    const isSaid = error.code === 1 && error.output.includes(data) && /space|full|ENOSPC/i.test(error.output)
    if (!isSaid) fault(`the start on a full disk does not say what is wrong: ${error.message}`)
    fault('a full disk stops the start, so nothing can be deleted')
    return undefined
  }
}

async function putOne({ client, objects, sealed, serial }, headers, length) {
  const key = `object-${serial}`
  const body = bytesOf(key, length)
  const answer = await client.s3('PUT', `/${bucket}/${key}`, { headers, body })
  if (answer.status === 200) objects.set(key, digestOf(body))
  if (headers['x-amz-server-side-encryption']) sealed.add(key)
  return answer
}

/** Puts until so many puts in a row were refused. @returns what they were refused with, by status */
async function fill(world) {
  const refused = {}
  let inARow = 0
  for (let tries = 0; inARow < 12 && tries < 1000; tries++) {
    world.serial++
    const headers = tries % 2 === 0 ? {} : kmsHeaders(world.keyId)
    // Small ones at last, so that not a byte is left.
    const answer = await putOne(world, headers, inARow > 4 ? 1000 : 1 << 20).catch((error) => ({
      status: error.message,
    }))
    const { status } = answer
    inARow = status === 200 ? 0 : inARow + 1
    if (status === 200) continue
    refused[status] = (refused[status] ?? 0) + 1
  }
  for (const [status, count] of Object.entries(refused)) {
    if (status !== '503') world.fault(`${count} times, a PUT on the full disk: ${status}`)
  }
  if (inARow === 0) world.fault('the disk never filled up')
  return JSON.stringify(refused)
}

async function whileFull(world, when) {
  const { client, fault, objects, sealed } = world
  const health = JSON.parse((await client.control('GET', 'health')).body.toString())
  if (health.status !== 'degraded') fault(`${when}, health says ${health.status}`)
  for (const [key, digest] of objects) {
    const answer = await client.s3('GET', `/${bucket}/${key}`)
    // What cannot be recorded in the trail cannot be decrypted.
    if (sealed.has(key) && answer.status === 503) continue
    if (answer.status !== 200) fault(`${when}, GET ${key}: ${answer.status}`)
    else if (digestOf(answer.body) !== digest) fault(`${when}, GET ${key}: other bytes`)
  }
  const list = await client.s3('GET', `/${bucket}`)
  if (list.status !== 200) fault(`${when}, ListObjects: ${list.status}`)
}

async function recovers(world, when) {
  const begun = performance.now()
  const works = async () => {
    world.serial++
    const plain = await putOne(world, {}, 10_000)
    world.serial++
    return plain.status === 200 && (await putOne(world, kmsHeaders(world.keyId), 10_000)).status === 200
  }
  try {
    await until('PUT works', 70, works)
    world.figure(`PUT works again ${when}`, `${((performance.now() - begun) / 1000).toFixed(1)} s later`)
  } catch {
    world.fault(`${when}, PUT does not work again`)
  }
  const health = JSON.parse((await world.client.control('GET', 'health')).body.toString())
  if (health.status !== 'ok') world.fault(`${when}, health says ${health.status}`)
}

/** Frees half of it. While not a byte is left, a delete may be refused once or twice. */
async function deleteSome({ client, objects, fault }) {
  for (const key of [...objects.keys()].slice(0, objects.size / 2)) {
    const isGone = async () => {
      const { status } = await client.s3('DELETE', `/${bucket}/${key}`)
      if (status !== 204 && status !== 503) fault(`DELETE on the full disk: ${status}`)
      return status === 204
    }
    try {
      await until('deleted', 20, isGone)
    } catch {
      fault(`${key} cannot be deleted from a full disk`)
      return
    }
    objects.delete(key)
  }
}

async function check({ client, objects, fault }, when) {
  for (const [key, digest] of objects) {
    const { content, words } = await contentOf(client, bucket, key)
    if (words) fault(`${when}, ${words}`)
    else if (content !== digest) fault(`${when}, ${key} ${content ? 'has other bytes' : 'is gone'}`)
  }
}

export const fullDiskScenario = { name: 'full-disk', what: 'a small tmpfs, filled twice', minutes: 6, run: fullDisk }
