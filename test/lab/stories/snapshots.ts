import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import type { Journey } from '../../emulator.ts'
import { refusalOf, type Story } from '../lab.ts'

const Bucket = 'kept-and-put-back'
const Key = 'text'

export const snapshotStories: Story[] = [
  {
    name: 'A state is saved, listed, put back and deleted',
    async tell({ lab, journey }) {
      await begin(journey, 'before')
      await lab.snapshots.save('base')
      await put(journey, 'after')
      expect(await lab.snapshots.list()).toMatchObject([{ name: 'base', created: expect.any(Number) }])
      await lab.snapshots.load('base')
      expect(await content(journey)).toBe('before')
      await lab.snapshots.delete('base')
      expect(await refusalOf(lab.snapshots.load('base'))).toBe('There is no snapshot base')
      expect(await refusalOf(lab.snapshots.save('Base Camp'))).toBe(
        `A snapshot's name has 1 to 64 of a-z, 0-9, '-', '_' and '.', begins with a letter or a digit and does not end with '.', unlike "Base Camp"`,
      )
    },
  },
  {
    name: 'A state goes out as a file, sealed, and comes back',
    async tell({ lab, journey, folder }) {
      const file = join(folder, 'world.state')
      await begin(journey, 'exported')
      await lab.export(file, { passphrase: 'grüße' })
      expect((await readFile(file)).includes(Bucket)).toBe(false)
      await put(journey, 'after')
      expect(await refusalOf(lab.import(file))).toBe('The file is sealed with a passphrase: give it')
      expect(await content(journey)).toBe('after')
      await lab.import(file, { passphrase: 'grüße' })
      expect(await content(journey)).toBe('exported')
    },
  },
  {
    name: 'One call keeps the state, and what it gives puts it back as often as it is called',
    through: ['the library'],
    async tell({ journey }) {
      await begin(journey, 'seeded')
      const restore = await journey.emulator.snapshot()
      for (const text of ['first test', 'second test']) {
        await put(journey, text)
        await restore()
        expect(await content(journey)).toBe('seeded')
      }
    },
  },
]

async function begin(journey: Journey, text: string): Promise<void> {
  await journey.createBucket(Bucket)
  await put(journey, text)
}

const put = ({ s3 }: Journey, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))

async function content({ s3 }: Journey): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return Body?.transformToString()
}
