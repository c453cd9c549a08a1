import { expect, test } from '@jest/globals'
import { addToRuns, bytesOf, lengthOf, numbersOf, type Runs, segmentKey } from './blob-records.ts'

test('A segment that follows the last one belongs to its run, another begins one', () => {
  const runs: Runs = []
  for (const [number, bytes] of [
    [5, 10],
    [6, 20],
    [9, 1],
    [8, 2],
    [9, 3],
  ] as const)
    addToRuns(runs, number, bytes)
  expect(runs).toEqual([
    [5, 2, 30],
    [9, 1, 1],
    [8, 2, 5],
  ])
  const old: Runs = [[5, 1]]
  addToRuns(old, 6, 7)
  expect(old).toEqual([[5, 2, 7]])
})

test('The numbers of segments go through the runs, from any segment on', () => {
  const runs: Runs = [
    [10, 2],
    [20, 1],
    [30, 3],
  ]
  expect(numbersOf(runs, 0, 9)).toEqual([10, 11, 20, 30, 31, 32])
  expect(numbersOf(runs, 0, 2)).toEqual([10, 11])
  expect(numbersOf(runs, 1, 3)).toEqual([11, 20, 30])
  expect(numbersOf(runs, 2, 1)).toEqual([20])
  expect(numbersOf(runs, 4, 9)).toEqual([31, 32])
  expect([numbersOf(runs, 6, 1), numbersOf(runs, 0, 0), numbersOf([], 0, 1)]).toEqual([[], [], []])
  expect([lengthOf(runs), lengthOf([])]).toEqual([6, 0])
})

test('A run without its bytes has at most those of full segments, and keys are in the order of numbers', () => {
  expect([bytesOf([1, 3, 5]), bytesOf([1, 3, 0]), bytesOf([1, 3])]).toEqual([5, 0, 3 * 262_144])
  expect(segmentKey(0x0102030405).toString('hex')).toBe('0000000102030405'.padStart(16, '0'))
})
