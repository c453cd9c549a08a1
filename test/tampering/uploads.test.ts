import { randomBytes } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { PartRecord } from '../../src/s3/records/uploads.ts'
import { type DataFolder, makeDataFolder, type OpenStore } from '../data-folder.ts'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { askedBy, Bucket, flippedBase64, otherContext, ownKey, type SchemeName, schemes } from './ways.ts'

/* Somebody changes an upload in progress behind the emulator's back: it does not become an object. */

interface Upload {
  Key: string
  UploadId: string
  etags: (string | undefined)[]
}

interface Tampering {
  name: string
  /** How large the parts are: only the last may be small. */
  sizes: number[]
  /** Changes upload `a`; `b` is another of the same kind. */
  apply(store: OpenStore, a: Upload, b: Upload): Promise<void>
  /** Under which scheme Complete is refused with other words than 500 InternalError. */
  refusals?: Partial<Record<SchemeName, string>>
}

/** A part with the body of another, as if it had been uploaded so. */
function withBodyOf(part: PartRecord, { blob, salt, size, manifest }: PartRecord): PartRecord {
  return { ...part, blob, salt, size, manifest }
}

const smallest = 5 << 20

const tamperings: Tampering[] = [
  {
    name: 'the bodies of two parts exchanged',
    sizes: [smallest, smallest],
    apply: async (store, { UploadId }) => {
      const [one, two] = [store.part(UploadId, 1), store.part(UploadId, 2)]
      await store.putPart(UploadId, withBodyOf(one, two))
      await store.putPart(UploadId, withBodyOf(two, one))
    },
  },
  {
    name: 'a part with the body of another upload',
    sizes: [1000],
    apply: async (store, a, b) => {
      await store.putPart(a.UploadId, withBodyOf(store.part(a.UploadId, 1), store.part(b.UploadId, 1)))
    },
  },
  {
    name: 'a changed salt of a part',
    sizes: [1000],
    apply: async (store, { UploadId }) => {
      const part = store.part(UploadId, 1)
      await store.putPart(UploadId, { ...part, salt: flippedBase64(part.salt) })
    },
  },
  {
    name: 'two upload records exchanged',
    sizes: [1000],
    apply: async (store, a, b) => {
      const [one, two] = [a, b].map(({ Key, UploadId }) => store.upload(Bucket, Key, UploadId))
      if (one) await store.putUpload(Bucket, b.Key, b.UploadId, one)
      if (two) await store.putUpload(Bucket, a.Key, a.UploadId, two)
    },
    refusals: otherContext,
  },
]

let folder: DataFolder
let journey: Journey
const begun = new Map<string, [Upload, Upload]>()

beforeAll(async () => {
  folder = await makeDataFolder()
  journey = await startJourney({ ephemeral: false, dataDir: folder.path })
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  const asked = askedBy(await journey.createKey())
  for (const scheme of schemes) {
    for (const { name, sizes } of tamperings) {
      const one = await begin(`${name} a`, scheme, asked[scheme], sizes)
      begun.set(`${scheme} ${name}`, [one, await begin(`${name} b`, scheme, asked[scheme], sizes)])
    }
  }
  await journey.stop()
  await folder.tamper(async (store) => {
    for (const scheme of schemes) {
      for (const { name, apply } of tamperings) await apply(store, ...pairOf(scheme, name))
    }
  })
  journey = await startJourney({ ephemeral: false, dataDir: folder.path, logLevel: 'silent' })
})

afterAll(async () => {
  // What it keeps is damaged, as it was meant to be.
  await journey.emulator.stop()
  await folder.remove()
})

function pairOf(scheme: string, name: string): [Upload, Upload] {
  const pair = begun.get(`${scheme} ${name}`)
  if (!pair) throw new Error('No such uploads')
  return pair
}

async function begin(name: string, scheme: SchemeName, asked: object, sizes: number[]): Promise<Upload> {
  const Key = `${scheme} ${name}`
  const { UploadId = '' } = await journey.s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...asked }))
  const etags: Upload['etags'] = []
  for (const [index, size] of sizes.entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body: randomBytes(size), ...ownKey(scheme) }
    etags.push((await journey.s3.send(new UploadPartCommand(part))).ETag)
  }
  return { Key, UploadId, etags }
}

describe.each(schemes)('%s', (scheme) => {
  test.each(tamperings)('$name makes no object', async ({ name, refusals = {} }) => {
    const [{ Key, UploadId, etags }] = pairOf(scheme, name)
    const Parts = etags.map((ETag, index) => ({ PartNumber: index + 1, ETag }))
    const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } }
    const failure = await failureOf(journey.s3.send(new CompleteMultipartUploadCommand(complete)))
    const { [scheme]: refusal = '500 InternalError' }: NonNullable<Tampering['refusals']> = refusals
    expect(`${failure.status} ${failure.code}`).toBe(refusal)
    expect(await failureOf(journey.s3.send(new GetObjectCommand({ Bucket, Key })))).toMatchObject({ code: 'NoSuchKey' })
  })
})
