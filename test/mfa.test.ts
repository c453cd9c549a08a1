import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, type Credentials, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { codeAt } from '../src/identity/mfa.ts'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'

/*
 * "Bucket policy that requires MFA" (Amazon S3 User Guide): who reads the folder must have shown a code of his MFA device less than an
 * hour ago. The user's own keys do not do it, nor do credentials that were got without a code.
 */

const Bucket = 'documents'
const Key = 'taxdocuments/2026'
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const SerialNumber = `arn:aws:iam::${accountId}:mfa/ana`
const RoleArn = `arn:aws:iam::${accountId}:role/auditor`

const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-mfa-'))
let journey: Journey
let ana: ReturnType<Journey['as']>

beforeAll(async () => {
  const file = join(folder, 'fixtures.json')
  const statement = { Effect: 'Allow', Action: ['s3:*', 'sts:*'], Resource: '*' }
  const trusted = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountId}:user/ana` },
    Action: 'sts:AssumeRole',
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  }
  const policyOf = (Statement: object) => ({ Version: '2012-10-17', Statement: [Statement] })
  const principals = [
    {
      arn: `arn:aws:iam::${accountId}:user/ana`,
      accessKeys: [{ id: 'ana', secret: 'ana-secret' }],
      policies: [{ name: 'own', document: policyOf(statement) }],
      mfaDevice: { serialNumber: SerialNumber, seed },
    },
    { arn: RoleArn, trustPolicy: policyOf(trusted) },
  ]
  writeFileSync(file, JSON.stringify({ principals, buckets: [{ name: Bucket }] }))
  journey = await startJourney({ fixtures: [file] })
  ana = journey.as('ana', 'ana-secret')
  await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'taxes' }))
  const Resource = `arn:aws:s3:::${Bucket}/taxdocuments/*`
  const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource }
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { ...deny, Condition: { Null: { 'aws:MultiFactorAuthAge': true } } },
      { ...deny, Condition: { NumericGreaterThan: { 'aws:MultiFactorAuthAge': '3600' } } },
    ],
  })
  await journey.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
})
afterAll(async () => {
  await journey.stop()
  rmSync(folder, { recursive: true })
})

function code(): string {
  return codeAt(seed, journey.ambient.now())
}

function read(credentials: Credentials | undefined): Promise<unknown> {
  const {
    AccessKeyId: accessKeyId = '',
    SecretAccessKey: secretAccessKey = '',
    SessionToken: sessionToken,
  } = credentials ?? {}
  const { configuration } = journey
  const client = new S3Client({
    ...configuration,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    forcePathStyle: true,
    systemClockOffset: journey.ambient.now() - Date.now(),
  })
  return client.send(new GetObjectCommand({ Bucket, Key })).finally(() => client.destroy())
}

const refusal = `User: arn:aws:iam::${accountId}:user/ana is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::${Bucket}/${Key}" with an explicit deny in a resource-based policy`

test('Own keys, and credentials without a code, do not read the folder; those of a code do for an hour', async () => {
  const own = await failureOf(ana.s3.send(new GetObjectCommand({ Bucket, Key })))
  expect(own).toMatchObject({ code: 'AccessDenied', message: refusal })
  const without = await ana.sts.send(new GetSessionTokenCommand({}))
  expect(await failureOf(read(without.Credentials))).toMatchObject({ code: 'AccessDenied', message: refusal })
  const { Credentials } = await ana.sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode: code() }))
  await expect(read(Credentials)).resolves.toMatchObject({ ContentLength: 5 })
  journey.turn(3_602_000)
  expect(await failureOf(read(Credentials))).toMatchObject({ code: 'AccessDenied', message: refusal })
})

test('A wrong code, another device and a code of long ago are refused', async () => {
  const wrong = String((Number(code()) + 1) % 1_000_000).padStart(6, '0')
  const old = codeAt(seed, journey.ambient.now() - 120_000)
  const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code.'
  for (const asked of [
    { SerialNumber, TokenCode: wrong },
    { SerialNumber, TokenCode: old },
    { SerialNumber: `${SerialNumber}2`, TokenCode: code() },
  ]) {
    const failure = await failureOf(ana.sts.send(new GetSessionTokenCommand(asked)))
    expect(failure).toMatchObject({ code: 'AccessDenied', message })
  }
})

test('A role that wants MFA is assumed with a code', async () => {
  const asked = { RoleArn, RoleSessionName: 'audit' }
  expect(await failureOf(ana.sts.send(new AssumeRoleCommand(asked)))).toMatchObject({ code: 'AccessDenied' })
  const withCode = new AssumeRoleCommand({ ...asked, SerialNumber, TokenCode: code() })
  const { Credentials } = await ana.sts.send(withCode)
  // The role's session knows nothing of the code that began it.
  expect(await failureOf(read(Credentials))).toMatchObject({ code: 'AccessDenied' })
})
