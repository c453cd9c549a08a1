import { expect, test } from '@jest/globals'
import { anonymousCaller, canonicalUserId, displayName, principalIdOf, rootCaller, userCaller } from './caller.ts'

const account = '111122223333'

test('A user has its path in its ARN and the last of it for a name', () => {
  const user = userCaller(account, 'division/team/app', 'AKID')
  const arn = `arn:aws:iam::${account}:user/division/team/app`
  const principalId = principalIdOf('AIDA', arn)
  expect(user).toEqual({ type: 'IAMUser', arn, accountId: account, principalId, userName: 'app', accessKeyId: 'AKID' })
  expect(userCaller(account, 'app').userName).toBe('app')
})

test('The root of an account is named by the account, and nobody by nothing', () => {
  const arn = `arn:aws:iam::${account}:root`
  expect(rootCaller(account, 'AKID')).toEqual({
    type: 'Root',
    arn,
    accountId: account,
    principalId: account,
    accessKeyId: 'AKID',
  })
  expect(anonymousCaller).toEqual({ type: 'Anonymous', arn: '', accountId: '', principalId: 'ANONYMOUS' })
})

test('Unique ids follow from the ARN, 17 letters behind their prefix, and stay what records and policies name (computed by Python’s hashlib)', () => {
  expect(principalIdOf('AIDA', 'arn:aws:iam::111122223333:user/app')).toBe('AIDAD5JJXH7TYPM3AVP5Q')
  expect(principalIdOf('AROA', 'arn:aws:iam::111122223333:role/app')).toBe('AROAULC5Q2FTPRTCYI73B')
  expect(canonicalUserId(account)).toBe('719ca90e578684ef04f8f99f1f28dbb84d993fc01114a0f0b575c7de70b8157f')
  expect(displayName(account)).toBe('account-111122223333')
})
