import { expect } from '@jest/globals'
import type { Audit, Emulator, Finding, Inspection, PolicyAnswer, Suggestion, Verification } from 's3kms-emu'
import { connectTo, type RecordedCall, startTestEmulator } from 's3kms-emu/jest'
import { emulator } from 's3kms-emu/testing'
import { emulator as ofVitest } from 's3kms-emu/vitest'
import { expect as vitestExpect } from 'vitest'

/* What a TypeScript project may write; the compiler alone reads it. */

export async function written(): Promise<RecordedCall[]> {
  const own = await startTestEmulator({ bucketDefaults: 'current', fixtures: ['fixtures.yaml'] })
  await own.seed({ keys: [{ alias: 'alias/app', policy: { Version: '2012-10-17', Statement: [] } }] })
  await expect(own).toHaveReceivedKmsCall('Decrypt', { key: 'alias/app', context: { tenant: 'a' } })
  await expect(emulator).not.toHaveReceivedKmsCallTimes('Decrypt', 2)
  await vitestExpect(ofVitest).toHaveReceivedNthKmsCall(1, 'Encrypt')
  await vitestExpect({ Bucket: 'uploads', Key: 'hello.txt' }).not.toBeSealedUnder('alias/app')
  // @ts-expect-error there is no such member
  await own.trail({ evnt: 'Decrypt' })
  // @ts-expect-error a fixture's key has no such member
  await own.seed({ keys: [{ alis: 'alias/app' }] })
  const elsewhere = connectTo({ endpoint: 'http://127.0.0.1:4566', controlToken: 'secret' })
  await own.stop()
  return elsewhere.trail({ service: 'kms', error: true, since: new Date(0) })
}

/** The library's object and a test's client have the lab by the same names. */
export async function lab(asked: Emulator | typeof emulator): Promise<string[]> {
  const { findings }: Audit = await asked.audit({ by: 'day' })
  const inspection: Inspection = await asked.inspect('s3://uploads/hello.txt', { limit: 1 })
  const verification: Verification = await asked.verify({ onProgress: ({ stage }) => stage })
  const suggestion: Suggestion = await asked.policy.suggest('app', { since: 0 })
  const question = { principal: 'app', action: 'kms:Decrypt', resource: 'alias/app', via: 's3' } as const
  const { because }: PolicyAnswer = await asked.policy.whyNot(question)
  await asked.snapshots.save('base')
  await asked.export('base.state', { passphrase: 'secret' })
  const restore = await asked.snapshot()
  await restore.discard()
  // @ts-expect-error calls are not counted by the week
  await asked.audit({ by: 'week' })
  return [
    ...findings.map(({ kind }: Finding) => kind),
    inspection.etag,
    suggestion.principal,
    because,
    `${verification.ok}`,
  ]
}
