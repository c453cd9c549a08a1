import { CreateAliasCommand, CreateGrantCommand, CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { KmsOperation } from '../../src/kms/operation.ts'
import { kmsOperations, supportedOperations } from '../../src/kms/operations/index.ts'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { type Answer, administrator, type Keys, makeUser, nobody, send, stranger, type User } from './callers.ts'
import { inputFor, type Values } from './inputs.ts'

/* No door of KMS is open: every operation of the table, called by whom neither the key's policy nor a grant nor his own policies know. */

const userArn = `arn:aws:iam::${accountId}:user/app`
const Policy = JSON.stringify({
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'kms:*', Resource: '*' },
})
/** Where the permission is not named as the operation is. */
const permissions: Record<string, string[]> = { ReEncrypt: ['kms:ReEncryptFrom', 'kms:ReEncryptTo'] }
/** What needs permissions beside its own. */
const alsoNeeded: Record<string, string[]> = { ReplicateKey: ['kms:CreateKey'] }

let journey: Journey
let user: User
let made = 0

/** A key with an alias and a grant, and what calls on it say. */
async function makeValues(): Promise<Values> {
  const { kms } = journey
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.Arn
  const AliasName = `alias/known-${made++}`
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))
  const terms = { GranteePrincipal: userArn, RetiringPrincipal: userArn, Operations: ['Decrypt' as const] }
  const { GrantId, GrantToken } = await kms.send(new CreateGrantCommand({ KeyId, ...terms }))
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))
  return {
    ...{ KeyId, TargetKeyId: KeyId, DestinationKeyId: KeyId, AliasName, GrantId, GrantToken, Policy, ...terms },
    CiphertextBlob: Buffer.from(CiphertextBlob ?? []).toString('base64'),
    KeySpec: 'AES_256',
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    KeyPairSpec: 'ECC_NIST_P256',
    ReplicaRegion: 'eu-west-1',
    PrimaryRegion: 'eu-west-1',
    NumberOfBytes: 16,
  }
}

function call({ name, input }: KmsOperation, values: Values, keys: Keys): Promise<Answer> {
  const { KeySpec, NumberOfBytes, GrantToken, ...shared } = values
  const own = name === 'CreateKey' ? {} : name === 'GenerateRandom' ? { NumberOfBytes } : { KeySpec }
  const sent = name === 'RetireGrant' ? { GrantToken } : inputFor(input, { ...shared, ...(needsSpec(name) && own) })
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${name}` }
  return send(journey, 'kms', keys, { method: 'POST', path: '/', headers, body: JSON.stringify(sent) })
}
const needsSpec = (name: string) => /^GenerateDataKey(WithoutPlaintext)?$|^GenerateRandom$/.test(name)
const codeOf = ({ text }: Answer) => /"__type":"(\w+)"/.exec(text)?.[1]
const isRefused = (answer: Answer) => codeOf(answer) === 'AccessDeniedException'

const reading = /^(Describe|Get|List)/
/** What the administrator reads of the key. */
async function readingsOf(values: Values): Promise<string[]> {
  const operations = supportedOperations.filter(({ name }) => reading.test(name) && name !== 'GetParametersForImport')
  const answers = await Promise.all(operations.map((operation) => call(operation, values, administrator)))
  return answers.map(({ status, text }, index) => `${operations[index]?.name} ${status} ${text}`)
}

beforeAll(async () => {
  journey = await startJourney({ asymmetricKeys: true })
  user = await makeUser(journey, 'nothing')
})
afterAll(() => journey.stop())

describe('where nothing is granted', () => {
  test('nobody is told that a signature is missing, whatever he calls', async () => {
    const values = await makeValues()
    for (const operation of kmsOperations.values()) {
      const answer = await call(operation, values, nobody)
      expect([operation.name, answer.status, codeOf(answer)]).toEqual([
        operation.name,
        400,
        'MissingAuthenticationTokenException',
      ])
    }
  })

  test('a user without rights is refused every operation', async () => {
    const values = await makeValues()
    const before = await readingsOf(values)
    const open: string[] = []
    for (const operation of supportedOperations) {
      const answer = await call(operation, values, user.keys)
      if (!isRefused(answer)) open.push(`${operation.name}: ${answer.text}`)
    }
    expect(open).toEqual([])
    expect(await readingsOf(values)).toEqual(before)
  })

  test('another account does nothing with a key, and is told of none', async () => {
    const values = await makeValues()
    const before = await readingsOf(values)
    const id = String(values.KeyId).split('/')[1] ?? ''
    const open: string[] = []
    for (const operation of supportedOperations) {
      const { status, text } = await call(operation, values, stranger)
      // The account's own: an alias, a key, random bytes; what it says of keys is of its own.
      const isItsOwn =
        !operation.keys || /^(CreateKey|GenerateRandom|List(Keys|Aliases|RetirableGrants))$/.test(operation.name)
      if (status === 200 && !isItsOwn) open.push(`${operation.name}: ${text}`)
      if (status === 200 && text.includes(id)) open.push(`${operation.name} tells: ${text}`)
    }
    expect(open).toEqual([])
    expect(await readingsOf(values)).toEqual(before)
  })
})

describe('where some is granted', () => {
  test.each(supportedOperations.map((operation) => [operation.name, operation] as const))(
    '%s is let in with its own permission, and refused without it whatever else is granted',
    async (name, operation) => {
      const values = await makeValues()
      const own = permissions[name] ?? [`kms:${name}`]
      for (const action of own) {
        await user.grant(allow('kms:*'), { ...allow(action), Effect: 'Deny' })
        expect([action, isRefused(await call(operation, values, user.keys))]).toEqual([action, true])
      }
      await user.grant(allow(...own, ...(alsoNeeded[name] ?? [])))
      const answer = await call(operation, values, user.keys)
      expect([isRefused(answer), answer.text]).toEqual([false, answer.text])
    },
  )
})

function allow(...Action: string[]) {
  return { Effect: 'Allow', Action, Resource: '*' }
}
