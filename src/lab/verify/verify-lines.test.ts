import { expect, test } from '@jest/globals'
import { LabRefusal } from '../refusal.ts'
import type { Verification, VerifyOptions } from './report.ts'
import { verifyLines } from './verify-lines.ts'

const unreachable = { bodies: 0, removed: false }
const counts = { records: 1, versions: 0, parts: 0, bytes: 0, unopened: 0, bodies: 0, events: 0 }
const verification: Verification = { ok: true, ...counts, unreachable, faults: [], faultCount: 0 }

test('The newest progress is told while it goes on, and the verification at the end', async () => {
  let finish: (verification: Verification) => void = () => undefined
  const lines = verifyLines(({ onProgress }) => {
    for (const done of [1, 2, 3]) onProgress?.({ stage: 'records', done })
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  expect((await lines.next()).value).toEqual({ progress: { stage: 'records', done: 3 } })
  finish(verification)
  expect((await lines.next()).value).toEqual({ verification })
  expect((await lines.next()).done).toBe(true)
})

test('Whoever stops reading ends the work', async () => {
  const options: VerifyOptions[] = []
  const lines = verifyLines(({ onProgress, signal }) => {
    options.push({ signal })
    onProgress?.({ stage: 'objects', done: 1, total: 2 })
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  })
  await lines.next()
  await lines.return(undefined)
  expect(options.map(({ signal }) => signal?.aborted)).toEqual([true])
})

test('What cannot be done as things stand is said in a line', async () => {
  const lines = verifyLines(() => Promise.reject(new LabRefusal('conflict', 'another state was loaded')))
  expect((await lines.next()).value).toEqual({ refusal: 'another state was loaded' })
  expect((await lines.next()).done).toBe(true)
})

test('Work that fails fails for whoever watches', async () => {
  const lines = verifyLines(() => Promise.reject(new Error('the store is closed')))
  await expect(lines.next()).rejects.toThrow('the store is closed')
})
