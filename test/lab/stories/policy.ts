import { EncryptCommand } from '@aws-sdk/client-kms'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import { accountId, type Journey } from '../../emulator.ts'
import { commandLine } from '../../process.ts'
import { refusalOf, type Story } from '../lab.ts'

const arn = `arn:aws:iam::${accountId}:user/app`
const Bucket = 'suggested'

export const policyStories: Story[] = [
  {
    name: 'The least that calls needed is suggested, of a time where one is named, and holds',
    async tell({ lab, journey }) {
      await begin(journey, [{ Effect: 'Allow', Action: '*', Resource: '*' }])
      const app = journey.as('APP', 'secret')
      const encrypt = (EncryptionContext: Record<string, string>) =>
        app.kms.send(new EncryptCommand({ KeyId: 'alias/app', Plaintext: Buffer.from('x'), EncryptionContext }))
      await encrypt({ tenant: 'a' })
      const { time } = await journey.emulator.clock.advance('1d')
      await app.s3.send(new PutObjectCommand({ Bucket, Key: 'one', Body: 'body' }))
      const suggestion = await lab.policy.suggest('app')
      expect(suggestion).toEqual(await journey.emulator.policy.suggest('app'))
      expect(suggestion).toMatchObject({ principal: arn, calls: 2 })
      expect(suggestion.identityPolicy.Statement.map(({ Action }) => Action.join())).toEqual([
        'kms:Encrypt',
        's3:PutObject',
      ])
      const later = await lab.policy.suggest('app', { since: Date.parse(time) })
      expect(later.identityPolicy.Statement).toMatchObject([{ Action: ['s3:PutObject'] }])
      expect(await refusalOf(lab.policy.suggest('nobody'))).toBe('The trail has no call of nobody that succeeded')
    },
  },
  {
    name: 'How long ago is meant by the emulator’s clock',
    through: ['the command line'],
    async tell({ journey }) {
      await journey.createKey()
      await journey.emulator.clock.advance('1d')
      await journey.createBucket(Bucket)
      const words = [
        'policy',
        'suggest',
        '--principal',
        'test',
        '--since',
        '12h',
        '--json',
        '--endpoint',
        journey.endpoint,
      ]
      const { identityPolicy } = JSON.parse((await commandLine(words)).stdout)
      expect(identityPolicy.Statement).toMatchObject([{ Action: ['s3:CreateBucket'] }])
    },
  },
  {
    name: 'A call that nobody made is ruled on, and leaves no event',
    async tell({ lab, journey }) {
      const Condition = { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } }
      await begin(journey, [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Condition }])
      const before = await journey.records()
      const question = { principal: 'app', action: 'kms:Decrypt', resource: 'alias/app' }
      const ask = (encryptionContext: Record<string, string>) => lab.policy.whyNot({ ...question, encryptionContext })
      expect(await ask({ tenant: 'a', 'a b': 'c=d' })).toMatchObject({ caller: arn, allowed: true })
      expect(await ask({ tenant: 'b' })).toMatchObject({
        allowed: false,
        because: expect.stringContaining('no identity-based policy allows the kms:Decrypt action'),
        statements: expect.arrayContaining([
          expect.objectContaining({ condition: expect.objectContaining({ actual: ['b'] }) }),
        ]),
      })
      expect(await journey.records()).toEqual(before)
      const none = { ...question, resource: 'alias/none' }
      expect(await refusalOf(lab.policy.whyNot(none))).toBe('There is no KMS key alias/none')
    },
  },
]

/** A user of an own policy, and a key that leaves it to that. */
async function begin(journey: Journey, Statement: object[]): Promise<void> {
  const document = { Version: '2012-10-17', Statement }
  await journey.emulator.seed({
    principals: [{ arn, accessKeys: [{ id: 'APP', secret: 'secret' }], policies: [{ name: 'own', document }] }],
    keys: [{ alias: 'alias/app' }],
  })
  await journey.createBucket(Bucket)
}
