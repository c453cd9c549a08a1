import { expect, test } from '@jest/globals'
import { explanationLines } from './explanation-lines.ts'
import { type AnyExplanation, tellExplanation, tellRuling } from './told-explanation.ts'

const arn = 'arn:aws:iam::111122223333:user/app'
const key = 'arn:aws:kms:us-east-1:111122223333:key/one'
const refused = {
  action: 'kms:Decrypt',
  resource: key,
  allowed: false,
  because: 'because no identity-based policy allows the kms:Decrypt action',
  isAdministrator: false,
}
const fits = (name: string) => ({ name, fits: true })
const unfit = (name: string) => ({ name, fits: false })

test('A statement is told with what of it fits, and with the values that were compared where something does not', () => {
  const { weighed } = tellRuling(
    {
      ...refused,
      statements: [
        { policy: 'key policy', index: 0, sid: 'Account', effect: 'Allow', outcome: 'account' },
        {
          policy: 'identity policy app',
          index: 0,
          effect: 'Allow',
          outcome: 'other action',
          element: { name: 'Action', values: ['kms:Encrypt', 'kms:ReEncrypt*'], count: 7 },
        },
        {
          policy: 'key policy',
          index: 1,
          effect: 'Deny',
          outcome: 'other principal',
          element: { name: 'NotPrincipal', values: [arn], count: 1 },
        },
        {
          policy: 'identity policy app',
          index: 1,
          effect: 'Allow',
          outcome: 'condition not met',
          condition: { operator: 'StringEquals', key: 'kms:EncryptionContext:tenant', values: ['a'], actual: ['b'] },
        },
      ],
    },
    arn,
    undefined,
  )
  expect(weighed).toEqual([
    {
      subject: 'key policy, statement 1 "Account" (Allow)',
      words: "applies to the caller's account, whose identity policies must allow too",
      effect: 'Allow',
      applies: true,
      elements: [fits('caller'), fits('action'), fits('resource'), fits('conditions')],
    },
    {
      subject: 'identity policy app, statement 1 (Allow)',
      words: 'does not apply, it is about another action',
      effect: 'Allow',
      applies: false,
      elements: [fits('caller'), unfit('action'), { name: 'resource' }, { name: 'conditions' }],
      compared: { element: 'Action', wanted: ['kms:Encrypt', 'kms:ReEncrypt*'], more: 5, actual: ['kms:Decrypt'] },
    },
    {
      subject: 'key policy, statement 2 (Deny)',
      words: 'does not apply, it is about another principal',
      effect: 'Deny',
      applies: false,
      elements: [unfit('caller'), { name: 'action' }, { name: 'resource' }, { name: 'conditions' }],
      compared: { element: 'NotPrincipal', wanted: [arn], more: undefined, actual: [arn] },
    },
    {
      subject: 'identity policy app, statement 2 (Allow)',
      words: 'does not apply, StringEquals kms:EncryptionContext:tenant wants a, and the request has b',
      effect: 'Allow',
      applies: false,
      elements: [fits('caller'), fits('action'), fits('resource'), unfit('conditions')],
      compared: { element: 'StringEquals kms:EncryptionContext:tenant', wanted: ['a'], actual: ['b'] },
    },
  ])
})

test('Grants and ACLs are told as statements are', () => {
  const { weighed } = tellRuling(
    {
      ...refused,
      statements: [],
      aclGrants: [{ of: 'bucket', permission: 'READ', grantee: 'everybody', outcome: 'ignored' }],
      grants: [
        {
          grantId: 'one',
          grantee: arn,
          outcome: 'constraint not met',
          constraint: { type: 'EncryptionContextSubset', wanted: { tenant: 'a' }, actual: {} },
        },
      ],
    },
    arn,
    undefined,
  )
  expect(weighed).toMatchObject([
    { subject: 'the ACL of the bucket grants READ to everybody', applies: false },
    {
      elements: [fits('caller'), fits('operation'), unfit('constraint'), { name: 'what it permits' }],
      compared: { element: 'EncryptionContextSubset', wanted: ['tenant=a'], actual: [] },
    },
  ])
})

test('The lines of an explanation say what its parts say', () => {
  const explanation: AnyExplanation = {
    requestId: 'R1',
    service: 's3',
    time: 0,
    operation: 'DeleteBucket',
    region: 'us-east-1',
    caller: { arn: '', accountId: '' },
    error: { code: 'AccessDenied', message: 'Access Denied' },
    rulings: [
      { ...refused, action: 's3:DeleteBucket', because: 'because no resource-based policy allows it', statements: [] },
    ],
  }
  const { title, rulings } = tellExplanation(explanation)
  expect(explanationLines(explanation)).toEqual([
    title,
    '  request  R1',
    '  time     1970-01-01T00:00:00.000Z',
    '  caller   anonymous',
    '  answer   Access Denied',
    '',
    `  s3:DeleteBucket on ${key}: refused because no resource-based policy allows it`,
    `    to change it: ${rulings[0]?.advice[0]}`,
  ])
  expect(rulings[0]?.advice).toEqual([
    `an Allow of s3:DeleteBucket on ${key} is missing in the bucket policy, or in an ACL`,
  ])
})
