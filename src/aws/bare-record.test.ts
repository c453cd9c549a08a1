import { expect, test } from '@jest/globals'
import { bareRecord } from './bare-record.ts'

test('A bare record has no names but its own, and any text is a name', () => {
  const record = bareRecord()
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    expect(record[name]).toBeUndefined()
    record[name] = `value of ${name}`
    expect(record[name]).toBe(`value of ${name}`)
  }
  expect(Object.keys(record)).toEqual(['__proto__', 'constructor', 'toString', ''])
  expect(JSON.stringify(bareRecord())).toBe('{}')
  expect(Object.getPrototypeOf(record)).toBeNull()
})
