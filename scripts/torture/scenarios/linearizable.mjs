import { randomUUID } from 'node:crypto'
import { digestOf } from '../chance.mjs'
import { Client } from '../client.mjs'
import { violation } from '../linearizability.mjs'
import { startProgram } from '../program.mjs'

/* Several clients write, create, delete and read one key; the history of it must be that of a single register. */

const clients = 8

async function run({ chance, folder, count, fault, figure }) {
  checkTheChecker(fault)
  const [rounds, each] = [count(6, 40), count(150, 2000)]
  const program = await startProgram({ folder })
  const maker = new Client(program)
  await maker.ok('PUT', '/register')
  let operations = 0
  for (let round = 0; round < rounds; round++) {
    const history = []
    const key = `/register/round-${round}`
    const work = async (_, index) => {
      const client = new Client(program)
      const own = chance.fork(`round-${round}/client-${index}`)
      for (let left = each; left > 0; left--) history.push(await operate(client, key, own))
      client.close()
    }
    await Promise.all(Array.from({ length: clients }, work))
    operations += history.length
    // A conflict (409) says nothing of what was there, and changed nothing.
    const wrong = violation(history.filter(({ kind, accepted }) => kind !== 'create' || accepted !== undefined))
    if (wrong) fault(`round ${round}: no order explains ${JSON.stringify(wrong)}`)
  }
  await program.stop()
  figure('operations on one key, checked for an order', `${operations} in ${rounds} histories of ${clients} clients`)
}

async function operate(client, key, chance) {
  const choice = chance.int(10)
  if (choice < 5) {
    return timed('read', async () => {
      const { status, body } = await client.s3('GET', key)
      if (status !== 200 && status !== 404) throw new Error(`GET: ${status}`)
      return { value: status === 200 ? digestOf(body) : undefined }
    })
  }
  if (choice === 5) {
    return timed('write', async () => {
      await client.ok('DELETE', key)
      return { value: undefined }
    })
  }
  const text = randomUUID()
  // Small ones are one commit with their record, large ones are not.
  const body = chance.oneIn(4) ? text.repeat(3000) : text
  // The checker remembers what it was told many times over.
  const value = digestOf(body)
  const isCreate = choice === 6
  return timed(isCreate ? 'create' : 'write', async () => {
    const { status } = await client.s3('PUT', key, { body, headers: isCreate ? { 'if-none-match': '*' } : {} })
    if (isCreate && (status === 412 || status === 409)) return { value, accepted: status === 409 ? undefined : false }
    if (status !== 200) throw new Error(`PUT: ${status}`)
    return { value, accepted: true }
  })
}

async function timed(kind, act) {
  const begun = performance.now()
  const outcome = await act()
  const ended = performance.now()
  return { kind, ...outcome, begun, ended }
}

/** A checker that finds nothing in a broken history would find nothing anywhere. */
function checkTheChecker(fault) {
  const write = (value, begun, ended) => ({ kind: 'write', value, begun, ended })
  const read = (value, begun, ended) => ({ kind: 'read', value, begun, ended })
  const right = [
    [write('1', 0, 1), read('1', 2, 3)],
    [write('1', 0, 4), write('2', 1, 5), read('2', 2, 3), read('1', 6, 7)],
    [write('1', 0, Number.POSITIVE_INFINITY), read(undefined, 1, 2), read('1', 3, 4)],
  ]
  const wrong = [
    [write('1', 0, 1), read(undefined, 2, 3)],
    [write('1', 0, 1), write('2', 2, 3), read('1', 4, 5)],
    [write('1', 0, 9), read('1', 1, 2), read(undefined, 3, 4)],
    [write('1', 0, 1), { kind: 'create', value: '2', accepted: true, begun: 2, ended: 3 }],
  ]
  if (right.some((history) => violation(history))) fault('the checker refuses a right history')
  if (wrong.some((history) => !violation(history))) fault('the checker takes a wrong history')
}

export const linearizable = { name: 'linearizable', what: 'one key, a recorded history, one order', minutes: 3, run }
