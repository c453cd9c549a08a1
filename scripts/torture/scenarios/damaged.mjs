import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { Client } from '../client.mjs'
import { contentOf, inParallel } from '../history.mjs'
import { NotStarted, startProgram } from '../program.mjs'
import { World } from '../world.mjs'

/*
 * A folder is made, copied, and damaged in one way. Then either the start refuses and names the folder and what is wrong with
 * it, or everything that is served is right: never other bytes with 200, never an object gone without a word, never an abort.
 */

const shape = { count: 36, sizes: [100, 3000, 300 << 10, 1 << 20], small: 300 }

/** Ways to damage a folder; each does so to the copy it is given, and says what it did. */
const ways = {
  'bits in bodies/*.ldb': (folder, chance) => flipBits(chance, join(folder, 'bodies'), '.ldb'),
  'bits in bodies/*.log': (folder, chance) => flipBits(chance, join(folder, 'bodies'), '.log'),
  'bits in records/*.ldb': (folder, chance) => flipBits(chance, join(folder, 'records'), '.ldb'),
  'bits in records/*.log': (folder, chance) => flipBits(chance, join(folder, 'records'), '.log'),
  'bits in records/MANIFEST': (folder, chance) => flipBits(chance, join(folder, 'records'), '', 'MANIFEST'),
  'records/CURRENT removed': (folder) => rm(join(folder, 'records/CURRENT')),
  'bodies/CURRENT removed': (folder) => rm(join(folder, 'bodies/CURRENT')),
  'records/CURRENT emptied': (folder) => truncate(join(folder, 'records/CURRENT')),
  'a table of bodies removed': (folder, chance) => removeOne(chance, join(folder, 'bodies'), '.ldb'),
  'a table of records removed': (folder, chance) => removeOne(chance, join(folder, 'records'), '.ldb'),
  'the bodies removed': (folder) => rm(join(folder, 'bodies'), { recursive: true }),
  'the records removed': (folder) => rm(join(folder, 'records'), { recursive: true }),
  'records exchanged': exchangeRecords,
  'bodies exchanged': exchangeBodies,
}

async function run({ chance, folder, count, fault, figure }) {
  const times = count(3, 40)
  const world = new World('damaged', shape)
  const whole = join(folder, 'whole')
  await makeWhole(whole, world)
  const totals = { refused: 0, started: 0, cut: 0 }
  for (const [name, damage] of Object.entries(ways)) {
    const isChance = damage.length === 2
    for (let time = 0; time < (isChance ? times : 1); time++) {
      const copy = join(folder, `copy-${time}`)
      await cp(whole, copy, { recursive: true })
      const did = await damage(copy, chance.fork(`${name}/${time}`))
      if (did === 'nothing') fault(`${name}: there was nothing to damage`)
      else await judge(copy, world, totals, (words) => fault(`${name}: ${words}`))
      await rm(copy, { recursive: true, force: true })
    }
  }
  figure('damaged folders: refused at the start, started', `${totals.refused}, ${totals.started}`)
  figure('objects that answered with an error instead of bytes', totals.cut)
}

/** Ended once with leave and once without, so that there are tables as well as logs. */
async function makeWhole(folder, world) {
  const program = await startProgram({ folder })
  await world.make(new Client(program))
  await program.stop()
  // The first sweep merges all there is: on a slow machine it may come behind what was put, and leave no log of bodies.
  for (let tries = 0; tries < 5; tries++) {
    await putLate(folder, world)
    if ((await filledIn(join(folder, 'bodies'), '.log')).length > 0) return
  }
}

async function putLate(folder, world) {
  const program = await startProgram({ folder })
  const late = new World('late', { count: 12, sizes: [2000, 20_000] })
  await late.make(new Client(program))
  for (const [key, digest] of late.objects) world.objects.set(`../late/${key}`, digest)
  await program.kill()
}

async function judge(folder, world, totals, report) {
  let program
  try {
    program = await startProgram({ folder })
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    totals.refused++
    if (error.code === null) report(`the start was aborted by ${error.signal}\n${error.output.slice(0, 500)}`)
    else if (!error.output.includes(folder)) report(`the start does not name the folder: ${error.output.slice(0, 300)}`)
    else if (!/damaged|corrupt|missing|not whole|checksum/i.test(error.output)) {
      report(`the start does not say what is wrong: ${error.output.slice(0, 300)}`)
    }
    return
  }
  totals.started++
  const client = new Client(program)
  const gone = []
  await inParallel([...world.objects], 4, async ([key, digest]) => {
    const [bucket, name] = key.startsWith('../') ? key.slice(3).split('/') : ['damaged', key]
    const answer = await contentOf(client, bucket, name).catch((error) => ({ words: error.message }))
    if (answer.words) totals.cut++
    else if (answer.content === undefined) gone.push(key)
    else if (answer.content !== digest) report(`${key}: other bytes with 200`)
  })
  if (gone.length > 0 && !/damaged|corrupt|missing/i.test(program.output))
    report(`${gone.length} objects gone without a word`)
  if (!program.isRunning) report(`the program ended: ${program.child.signalCode} ${program.output.slice(-500)}`)
  client.close()
  await program.stop()
  if (program.child.exitCode !== 0)
    report(`SIGTERM: ${program.child.exitCode} ${program.child.signalCode} ${program.output.slice(-300)}`)
}

async function filesIn(folder, ending, beginning = '') {
  const names = (await readdir(folder)).sort()
  return names.filter((name) => name.endsWith(ending) && name.startsWith(beginning)).map((name) => join(folder, name))
}

/** @returns {Promise<[string, Buffer][]>} the files that hold something, and what */
async function filledIn(folder, ending, beginning) {
  const files = await filesIn(folder, ending, beginning)
  const contents = await Promise.all(files.map((file) => readFile(file)))
  return files.map((file, index) => [file, contents[index]]).filter(([, bytes]) => bytes.length > 0)
}

async function flipBits(chance, folder, ending, beginning) {
  const filled = await filledIn(folder, ending, beginning)
  if (filled.length === 0) return 'nothing'
  for (let left = chance.between(1, 4); left > 0; left--) {
    const [file, bytes] = chance.pick(filled)
    bytes[chance.int(bytes.length)] ^= 1 << chance.int(8)
    await writeFile(file, bytes)
  }
  return 'flipped'
}

async function removeOne(chance, folder, ending) {
  const files = await filesIn(folder, ending)
  if (files.length === 0) return 'nothing'
  await rm(chance.pick(files))
  return 'removed'
}

/** Whoever has the disk exchanges what two plain objects are. */
async function exchangeRecords(folder) {
  const level = new ClassicLevel(join(folder, 'records'))
  await level.open()
  let exchanged = 0
  for await (const [key, value] of level.iterator()) {
    if (!key.includes('plain-0') || key.includes('plain-0', key.indexOf('plain-0') + 1)) continue
    const other = key.replace('plain-0', 'plain-9')
    const otherValue = await level.get(other)
    if (otherValue === undefined) continue
    await level.batch([
      { type: 'put', key, value: otherValue },
      { type: 'put', key: other, value },
    ])
    exchanged++
  }
  await level.close()
  return exchanged > 0 ? 'exchanged' : 'nothing'
}

/** Two segments of the same size change places. */
async function exchangeBodies(folder) {
  const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' }
  const level = new ClassicLevel(join(folder, 'bodies'), { ...encodings, compression: false })
  await level.open()
  const bySize = new Map()
  let pair
  for await (const [key, value] of level.iterator()) {
    const first = bySize.get(value.length)
    if (first && !first.value.equals(value)) pair = [first, { key, value }]
    else bySize.set(value.length, { key, value })
  }
  if (pair) {
    const [one, other] = pair
    await level.batch([
      { type: 'put', key: one.key, value: other.value },
      { type: 'put', key: other.key, value: one.value },
    ])
  }
  await level.close()
  return pair ? 'exchanged' : 'nothing'
}

export const damaged = { name: 'damaged', what: 'flipped bits, lost files, exchanged records', minutes: 5, run }
