import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { TurnedAmbient } from './turned-ambient.ts'

const start = Date.UTC(2027, 0, 1)
const hour = 3_600_000
const day = 24 * hour

function turnable() {
  const machine = new TurnableAmbient(start)
  return { machine, ambient: new TurnedAmbient(machine) }
}

test('A clock that was never turned is the machine’s', () => {
  const { machine, ambient } = turnable()
  machine.turn(hour)
  expect([ambient.now(), ambient.machineNow(), ambient.turned]).toEqual([start + hour, start + hour, undefined])
})

test('A turned clock goes on with the machine’s, a standing one does not', () => {
  const { machine, ambient } = turnable()
  ambient.take(ambient.turnsWith({ machine: start, time: start + day, isStanding: false }))
  machine.turn(hour)
  expect(ambient.now()).toBe(start + day + hour)
  ambient.take(ambient.turnsWith({ machine: start + hour, time: start + day + hour, isStanding: true }))
  machine.turn(hour)
  expect(ambient.now()).toBe(start + day + hour)
})

test('What was signed before a turn has the time of then, what is signed after it that of now', () => {
  const { machine, ambient } = turnable()
  machine.turn(hour)
  ambient.take(ambient.turnsWith({ machine: start + hour, time: start + day, isStanding: false }))
  machine.turn(hour)
  expect(ambient.at(start)).toBe(start)
  expect(ambient.at(start + hour)).toBe(start + hour)
  expect(ambient.at(start + hour + 1000)).toBe(start + day + 1000)
  expect(ambient.at(start + 3 * hour)).toBe(start + day + 2 * hour)
})

test('Turns that no presigned URL can be older than are forgotten, but the one that holds at that time', () => {
  const { ambient } = turnable()
  for (const days of [0, 1, 2, 9.5]) {
    const turn = { machine: start + days * day, time: start + days * 2 * day, isStanding: false }
    ambient.take(ambient.turnsWith(turn))
  }
  expect(ambient.turns.map(({ machine }) => (machine - start) / day)).toEqual([2, 9.5])
  for (let count = 0; count < 2000; count++) {
    ambient.take(ambient.turnsWith({ machine: start + 10 * day + count, time: start, isStanding: true }))
  }
  expect(ambient.turns).toHaveLength(1000)
})
