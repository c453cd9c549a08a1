import { Client } from '../client.mjs'
import { LockHistory } from '../lock-history.mjs'
import { startProgram } from '../program.mjs'

/*
 *   writers of locked versions ──ack──▶ versions with their bytes and locks     kill -9, start     each is there, locked as it was; what a
 *                              ──sent─▶ the change, or not                                       lock keeps is refused, before and behind
 */

const writers = 4

async function run({ chance, folder, count, fault, figure }) {
  const cycles = count(20, 250)
  const histories = Array.from({ length: writers }, (_, writer) => new LockHistory(`locks-${writer}`))
  let program = await startProgram({ folder })
  let client = new Client(program)
  for (const history of histories) await history.make(client)
  let acknowledged = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    acknowledged += await writeUntilKilled(program, client, histories, chance.fork(`cycle-${cycle}`))
    client.close()
    program = await startProgram({ folder })
    client = new Client(program)
    for (const history of histories) for (const words of await history.check(client)) fault(`cycle ${cycle}: ${words}`)
  }
  const code = await program.stop()
  if (code !== 0) fault(`SIGTERM at the end: exit code ${code}\n${program.output}`)
  figure('kill -9 under writes and deletions of locked versions', `${cycles} times`)
  figure('acknowledged changes', acknowledged)
  figure(
    'deletions and changes that a lock refused',
    histories.reduce((sum, { refused }) => sum + refused, 0),
  )
}

/** @returns how many changes were acknowledged */
async function writeUntilKilled(program, client, histories, chance) {
  const last = chance.between(1, 150)
  let acknowledged = 0
  let killed
  const write = async (history, own) => {
    for (;;) {
      await history.change(client, own)
      acknowledged++
      if (acknowledged >= last) killed ??= program.kill()
    }
  }
  // Each ends with the connection; what else ends one is told by its check.
  await Promise.all(
    histories.map((history) =>
      write(history, chance.fork(history.bucket)).catch((error) => {
        if (error.answer) history.fault = error.message
      }),
    ),
  )
  await killed
  return acknowledged
}

export const locks = {
  name: 'locks',
  what: 'kill -9 under object locks: no locked version gone, none less locked',
  minutes: 6,
  run,
}
