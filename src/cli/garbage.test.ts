import { expect, test } from '@jest/globals'
import { collectYoungGarbage } from './garbage.ts'

test('young garbage is collected once for every 4 MiB of bodies', () => {
  let collections = 0
  const countBytes = collectYoungGarbage(() => collections++)
  for (let segment = 0; segment < 100; segment++) countBytes(256 << 10)
  expect(collections).toBe(6)
})

test('V8 collects it', async () => {
  const countBytes = collectYoungGarbage()
  const before = process.memoryUsage().arrayBuffers
  for (let made = 0; made < 16; made++) Buffer.allocUnsafeSlow(1 << 20)
  const dead = () => process.memoryUsage().arrayBuffers - before
  expect(dead()).toBeGreaterThan(8 << 20)
  countBytes(4 << 20)
  // A thread of V8's own frees them.
  for (let turn = 0; turn < 1000 && dead() > 8 << 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(dead()).toBeLessThan(8 << 20)
})
