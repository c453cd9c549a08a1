import { expect, test } from '@jest/globals'
import { stringToSignV2 } from '../../protocol/signature-v2.ts'
import { operations } from '../operations/index.ts'
import { notImplemented } from '../operations/not-implemented.ts'

/** Parameters that choose another operation, but for those that only refine one, which SigV2 never signed. */
const refining = new Set(['list-type', 'id', 'x-id'])
const subresources = [...operations, ...notImplemented].flatMap(({ route }) => {
  const [, query = ''] = (route.split(' ')[1] ?? '').split('?')
  return query.split('&').flatMap((demand) => demand.split('=')[0] || [])
})

test('Every sub-resource that a route demands is signed by SigV2', () => {
  const isSigned = (name: string) =>
    stringToSignV2({ method: 'GET', headers: {}, path: '/b', query: [[name, '']] }).endsWith(`?${name}`)
  const names = [...new Set(subresources)].filter((name) => !refining.has(name))
  expect(names).toEqual(expect.arrayContaining(['encryption', 'acl', 'uploads', 'delete']))
  expect(names.filter((name) => !isSigned(name))).toEqual([])
})
