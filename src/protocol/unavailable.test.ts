import { expect, test } from '@jest/globals'
import { StoreUnavailable } from '../store/disk.ts'
import { unavailable } from './unavailable.ts'

test('A store that does not write is a service that is unavailable, and another fault is none of that', () => {
  expect(unavailable(new StoreUnavailable())).toMatchObject({
    code: 'ServiceUnavailable',
    message: 'The request has failed due to a temporary failure of the server.',
    status: 503,
  })
  expect(unavailable(new Error('disk'))).toBeUndefined()
})
