import { expect, test } from '@jest/globals'
import { Explanations } from '../access/explanations.ts'
import { userCaller } from '../aws/caller.ts'
import { accountId, allow, openIam } from './iam.fixture.ts'

test('A call of IAM that policies refused is explained; one that failed otherwise, or was let through, is not', async () => {
  const { database, call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'ana' })
  await call('PutUserPolicy', { UserName: 'ana', PolicyName: 'own', PolicyDocument: allow('iam:Get*') })
  const ana = userCaller(accountId, 'ana')
  await call('GetUser', { UserName: 'ana' }, ana)
  await refusal('GetUser', { UserName: 'nobody' }, ana)
  expect(await new Explanations(database).find('last')).toEqual([])
  expect(await refusal('DeleteUser', { UserName: 'ana' }, ana)).toContain('AccessDenied')
  const arn = `arn:aws:iam::${accountId}:user/ana`
  const because = 'because no identity-based policy allows the iam:DeleteUser action'
  expect(await new Explanations(database).find('last')).toMatchObject([
    {
      service: 'iam',
      operation: 'DeleteUser',
      caller: { arn },
      error: { code: 'AccessDenied' },
      rulings: [
        {
          action: 'iam:DeleteUser',
          resource: arn,
          allowed: false,
          because,
          statements: [{ policy: 'identity policy own', index: 0, outcome: 'other action' }],
        },
      ],
    },
  ])
})
