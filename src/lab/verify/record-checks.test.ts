import { expect, test } from '@jest/globals'
import { prefixes } from '../../store/keyspace.ts'
import { recordChecks, retiredKinds } from './record-checks.ts'

test('Every kind of record is declared once to be checked, or retired', () => {
  const declared = [...recordChecks.map(({ kind }) => kind.name), ...retiredKinds]
  expect(declared.sort()).toEqual(Object.keys(prefixes).sort())
})
