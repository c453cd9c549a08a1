import { expect, test } from '@jest/globals'
import { arnNamed, checkName } from './name.ts'

const place = { accountId: '111122223333', region: 'eu-west-1' }

test.each(['abc', 'a.b-c_d', 'a1b', 'a'.repeat(128)])('%s is a name', (name) => {
  expect(checkName(name)).toBeUndefined()
})

test.each([
  ['', 'Trail name cannot be blank!'],
  ['ab', 'Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters.'],
  [
    'a'.repeat(129),
    'Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters.',
  ],
  ['-abc', 'Trail name must starts with a letter or number.'],
  ['abc.', 'Trail name must ends with a letter or number.'],
  [
    'a b',
    'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
  ],
  ['192.168.5.4', 'Trail name must not be in IP address format.'],
  ['a-_b', 'Trail name cannot have adjacent periods, underscores or hyphens.'],
])('%j is none', (name, message) => {
  expect(() => checkName(name)).toThrow(message)
})

test('A name means the Region of the call, an ARN itself', () => {
  expect(arnNamed(place, 'all')).toBe('arn:aws:cloudtrail:eu-west-1:111122223333:trail/all')
  const arn = 'arn:aws:cloudtrail:us-east-1:444455556666:trail/all'
  expect(arnNamed(place, arn)).toBe(arn)
  expect(() => arnNamed(place, 'arn:aws:s3:::bucket')).toThrow('Invalid ARN: arn:aws:s3:::bucket')
})
