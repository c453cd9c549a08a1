import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import { makeDataFolder } from '../../data-folder.ts'
import { type Journey, startJourney } from '../../emulator.ts'
import { commandLine } from '../../process.ts'
import type { Story } from '../lab.ts'

const Bucket = 'verified'

export const verifyStories: Story[] = [
  {
    name: 'What is whole verifies, and whoever watches sees how far it is',
    through: ['HTTP', 'the library', 'the testing client'],
    async tell({ lab, journey }) {
      await put(journey, 'one')
      const stages: string[] = []
      const watched = await lab.watchedVerify(({ stage }) => stages.push(stage))
      expect(watched).toMatchObject({ ok: true, versions: 1 })
      expect(watched).toEqual(await journey.emulator.verify())
    },
  },
  {
    name: 'A damaged body is named, what nothing names is removed where that is asked, and nothing else',
    async tell({ labOf }) {
      const folder = await makeDataFolder()
      const options = { ephemeral: false, dataDir: folder.path, logLevel: 'silent' } as const
      const whole = await startJourney(options)
      await put(whole, 'one')
      await put(whole, 'two')
      await whole.stop()
      await folder.tamper(async (store) => {
        const { body } = store.record(Bucket, 'one')
        const [segment = -1] = store.segments('blob' in body ? body.blob : -1)
        await store.putSegment(segment, Buffer.alloc(100_016))
        await store.addBody(4_000_000)
      })
      const damaged = await startJourney(options)
      const lab = labOf(damaged.emulator)
      const fault = { kind: 'segment', where: `s3://${Bucket}/one?versionId=null` }
      const wrong = { ok: false, faultCount: 1, faults: [fault] }
      expect(await lab.verify()).toMatchObject({ ...wrong, unreachable: { bodies: 1, removed: false } })
      expect(await lab.verify({ repair: true })).toMatchObject({ ...wrong, unreachable: { bodies: 1, removed: true } })
      const repaired = await lab.verify()
      expect(repaired).toMatchObject({ ...wrong, versions: 1, unreachable: { bodies: 0, removed: false } })
      await damaged.emulator.stop()
      await folder.remove()
    },
  },
  {
    name: 'People read that all is as it was written',
    through: ['the command line'],
    async tell({ journey }) {
      await put(journey, 'one')
      const { code, stdout } = await commandLine(['verify', '--endpoint', journey.endpoint])
      expect([code, stdout]).toEqual([0, expect.stringMatching(/\nall is as it was written\n$/)])
    },
  },
]

async function put({ s3, ...journey }: Journey, Key: string): Promise<void> {
  await journey.createBucket(Bucket).catch(() => undefined)
  const ServerSideEncryption = 'AES256'
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(100_000, Key), ServerSideEncryption }))
}
