import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { KeyedLocks, type LockRequest } from './locks.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A body that is inside until it is let out. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

const shared = (name: string): LockRequest => ({ name, mode: 'shared' })
const exclusive = (name: string): LockRequest => ({ name, mode: 'exclusive' })

test('shared holders are inside together, an exclusive one waits for them and goes before later ones', async () => {
  const locks = new KeyedLocks()
  const order: string[] = []
  const [first, second] = [gate(), gate()]
  const enter = (name: string, request: LockRequest, leave: Promise<void>) =>
    locks.with([request], async () => {
      order.push(name)
      await leave
    })
  const all = [
    enter('first', shared('a'), first.opened),
    enter('second', shared('a'), second.opened),
    enter('writer', exclusive('a'), Promise.resolve()),
    enter('third', shared('a'), Promise.resolve()),
  ]
  await turn()
  expect(order).toEqual(['first', 'second'])
  first.open()
  await turn()
  expect(order).toEqual(['first', 'second'])
  second.open()
  await Promise.all(all)
  expect(order).toEqual(['first', 'second', 'writer', 'third'])
})

test('other names do not wait', async () => {
  const locks = new KeyedLocks()
  const { open, opened } = gate()
  const held = locks.with([exclusive('a')], () => opened)
  expect(await locks.with([exclusive('b')], async () => 'inside')).toBe('inside')
  open()
  await held
})

test('a body that throws gives its locks back', async () => {
  const locks = new KeyedLocks()
  const failing = async () => {
    throw new Error('refused')
  }
  await expect(locks.with([exclusive('a'), exclusive('b')], failing)).rejects.toThrow('refused')
  expect(await locks.with([exclusive('b'), exclusive('a')], async () => 'inside')).toBe('inside')
})

test('a name asked for twice is taken once, in the stronger mode', async () => {
  const locks = new KeyedLocks()
  let inside = 0
  const enter = () =>
    locks.with([shared('a'), exclusive('a'), shared('a')], async () => {
      inside++
      expect(inside).toBe(1)
      await turn()
      inside--
    })
  await Promise.all([enter(), enter(), enter()])
})

test('any requests end, and an exclusive holder is alone', async () => {
  const request = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    mode: fc.constantFrom('shared' as const, 'exclusive' as const),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(request, { maxLength: 4 }), { maxLength: 12 }), async (callers) => {
      const locks = new KeyedLocks()
      const holders = new Map<string, number>()
      const change = (requests: LockRequest[], by: number) => {
        for (const name of new Set(requests.map((each) => each.name))) holders.set(name, (holders.get(name) ?? 0) + by)
      }
      const enter = (requests: LockRequest[]) =>
        locks.with(requests, async () => {
          change(requests, 1)
          for (const { name, mode } of requests) if (mode === 'exclusive') expect(holders.get(name)).toBe(1)
          await turn()
          change(requests, -1)
        })
      await Promise.all(callers.map(enter))
    }),
    { numRuns: 50 },
  )
})
