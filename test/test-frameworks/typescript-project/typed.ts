import { expect } from '@jest/globals'
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
