import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openS3, type Reply, type S3Fixture } from '../../s3.fixture.ts'

/* Histories of versions, through the endpoint, held against lists of them: each key has its versions, the newest first. */

const keys = ['a', 'b/1', 'b/2'] as const
type Key = (typeof keys)[number]

type Step =
  | { kind: 'put'; key: Key }
  | { kind: 'remove'; key: Key }
  | { kind: 'complete'; key: Key }
  | { kind: 'erase'; key: Key; which: number }
  | { kind: 'removeBoth'; key: Key; which: number }
  | { kind: 'copy'; key: Key; source: Key; which: number | undefined }
  | { kind: 'Enabled' }
  | { kind: 'Suspended' }

const key = fc.constantFrom(...keys)
const which = fc.nat({ max: 4 })
const of = <Kind extends Step['kind']>(kind: Kind) => fc.constant(kind)
const erasures = fc.oneof(
  fc.record({ kind: of('erase'), key, which }),
  fc.record({ kind: of('removeBoth'), key, which }),
)
const copies = fc.record({ kind: of('copy'), key, source: key, which: fc.option(which, { nil: undefined }) })
const writes = fc.oneof(
  fc.record({ kind: of('put'), key }),
  fc.record({ kind: of('remove'), key }),
  fc.record({ kind: of('complete'), key }),
)
const states = fc.oneof(fc.record({ kind: of('Enabled') }), fc.record({ kind: of('Suspended') }))
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: writes },
    { weight: 3, arbitrary: erasures },
    { weight: 2, arbitrary: copies },
    { weight: 2, arbitrary: states },
  ),
  { minLength: 1, maxLength: 20 },
)

interface Version {
  id: string
  /** Undefined: it is a delete marker. */
  content: string | undefined
}

/** What S3's guide says, said simply. */
class Model {
  readonly histories = new Map<Key, Version[]>(keys.map((key) => [key, []]))
  versioning: 'Enabled' | 'Suspended' | undefined

  of(key: Key): Version[] {
    return this.histories.get(key) ?? []
  }

  add(key: Key, id: string, content: string | undefined): void {
    const others = this.of(key).filter((version) => id !== 'null' || version.id !== 'null')
    this.histories.set(key, [{ id, content }, ...others])
  }

  erase(key: Key, id: string): Version | undefined {
    const found = this.of(key).find((version) => version.id === id)
    const others = this.of(key).filter((version) => version.id !== id)
    this.histories.set(key, others)
    return found
  }

  get objects(): string[] {
    return keys.filter((key) => this.of(key)[0]?.content !== undefined)
  }

  get listed(): string[] {
    return keys.flatMap((key) =>
      this.of(key).map(({ id, content }, index) => `${key} ${id} ${content === undefined} ${index === 0}`),
    )
  }
}

const versionOf = ({ headers }: Reply) => headers.get('x-amz-version-id')
const markerOf = ({ headers }: Reply) => headers.get('x-amz-delete-marker')

class History {
  readonly model = new Model()
  readonly #s3: S3Fixture

  constructor(s3: S3Fixture) {
    this.#s3 = s3
  }

  async take(step: Step, content: string): Promise<void> {
    if (step.kind === 'Enabled' || step.kind === 'Suspended') return this.#setVersioning(step.kind)
    if (step.kind === 'put') {
      const reply = await this.#s3.call('PUT', `/bucket/${step.key}`, { body: content })
      return this.#written(step.key, reply, content, versionOf(reply) ?? 'null')
    }
    if (step.kind === 'complete') return this.#complete(step.key, content)
    if (step.kind === 'copy') return this.#copy(step)
    if (step.kind === 'remove') return this.#remove(step.key)
    if (step.kind === 'erase') return this.#erase(step.key, this.model.of(step.key)[step.which]?.id ?? 'null')
    return this.#removeBoth(step.key, this.model.of(step.key)[step.which]?.id ?? 'null')
  }

  async #setVersioning(status: 'Enabled' | 'Suspended'): Promise<void> {
    const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
    expect((await this.#s3.call('PUT', '/bucket?versioning', { body })).status).toBe(200)
    this.model.versioning = status
  }

  #written(key: Key, reply: Reply, content: string, id: string): void {
    expect(reply.status).toBe(200)
    expect(id === 'null').toBe(this.model.versioning !== 'Enabled')
    this.model.add(key, id, content)
  }

  async #complete(key: Key, content: string): Promise<void> {
    const created = await this.#s3.call('POST', `/bucket/${key}?uploads`)
    const { UploadId } = await created.xml('InitiateMultipartUploadResult')
    const part = await this.#s3.call('PUT', `/bucket/${key}?partNumber=1&uploadId=${UploadId}`, { body: content })
    const listed = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part>`
    const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
    const reply = await this.#s3.call('POST', `/bucket/${key}?uploadId=${UploadId}`, { body })
    this.#expectVersion(reply, this.model.versioning && 'null')
    this.#written(key, reply, content, versionOf(reply) ?? 'null')
  }

  async #copy({ key, source, which }: Extract<Step, { kind: 'copy' }>): Promise<void> {
    const wanted = this.model.of(source)[which ?? 0]
    const mark = which !== undefined && wanted ? `?versionId=${wanted.id}` : ''
    const found = mark === '' ? this.model.of(source)[0] : wanted
    const headers = { 'x-amz-copy-source': `bucket/${source}${mark}`, 'x-amz-metadata-directive': 'REPLACE' }
    const reply = await this.#s3.call('PUT', `/bucket/${key}`, { headers })
    const refusal = mark === '' ? [404, 'NoSuchKey'] : [400, 'InvalidRequest']
    expect([reply.status, reply.code]).toEqual(found?.content === undefined ? refusal : [200, undefined])
    if (found?.content === undefined) return
    this.#expectVersion(reply, this.model.versioning && 'null')
    const isTold = this.model.versioning !== undefined && (mark !== '' || found.id !== 'null')
    expect(reply.headers.get('x-amz-copy-source-version-id')).toBe(isTold ? found.id : null)
    this.#written(key, reply, found.content, versionOf(reply) ?? 'null')
  }

  /** @param suspended what is told while versioning is not on */
  #expectVersion(reply: Reply, suspended: string | undefined): void {
    const told = this.model.versioning === 'Enabled' ? expect.stringMatching(/^[\w.]{32}$/) : (suspended ?? null)
    expect(versionOf(reply)).toEqual(told)
  }

  async #remove(key: Key): Promise<void> {
    const reply = await this.#s3.call('DELETE', `/bucket/${key}`)
    expect([reply.status, markerOf(reply)]).toEqual([204, this.model.versioning === undefined ? null : 'true'])
    this.#expectVersion(reply, this.model.versioning && 'null')
    if (this.model.versioning === undefined) this.model.erase(key, 'null')
    else this.model.add(key, versionOf(reply) ?? '', undefined)
  }

  async #erase(key: Key, id: string): Promise<void> {
    const reply = await this.#s3.call('DELETE', `/bucket/${key}?versionId=${id}`)
    const erased = this.model.erase(key, id)
    const isMarker = erased !== undefined && erased.content === undefined
    expect([reply.status, versionOf(reply), markerOf(reply)]).toEqual([204, id, isMarker ? 'true' : null])
  }

  /** In one batch: the newest becomes a marker or goes, and then one by its id. */
  async #removeBoth(key: Key, id: string): Promise<void> {
    const named = `<Object><Key>${key}</Key><VersionId>${id}</VersionId></Object>`
    const body = `<Delete><Object><Key>${key}</Key></Object>${named}</Delete>`
    const md5 = createHash('md5').update(body).digest('base64')
    const reply = await this.#s3.call('POST', '/bucket?delete', { body, headers: { 'content-md5': md5 } })
    expect([reply.status, reply.code]).toEqual([200, undefined])
    const [, marker] = /<DeleteMarkerVersionId>(.*?)</.exec(reply.text) ?? []
    if (this.model.versioning === undefined) this.model.erase(key, 'null')
    else this.model.add(key, marker ?? '', undefined)
    this.model.erase(key, id)
  }

  async listed(limit: number): Promise<string[]> {
    const found: string[] = []
    for (let marker = ''; ; ) {
      const page = await this.#s3.call('GET', `/bucket?versions&max-keys=${limit}${marker}`)
      for (const [, element, text = ''] of page.text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/g)) {
        const [, Key, VersionId, IsLatest] =
          /<Key>(.*)<\/Key><VersionId>(.*)<\/VersionId><IsLatest>(.*)</.exec(text.split('<LastModified>')[0] ?? '') ??
          []
        found.push(`${Key} ${VersionId} ${element === 'DeleteMarker'} ${IsLatest}`)
      }
      const { NextKeyMarker, NextVersionIdMarker } = await page.xml('ListVersionsResult')
      if (NextKeyMarker === undefined) return found
      marker = `&key-marker=${NextKeyMarker}&version-id-marker=${NextVersionIdMarker}`
    }
  }

  async objects(): Promise<string[]> {
    const { text } = await this.#s3.call('GET', '/bucket?list-type=2')
    return [...text.matchAll(/<Key>(.*?)</g)].map(([, key = '']) => key)
  }

  async expectContents(): Promise<void> {
    const isVersioned = this.model.versioning !== undefined
    for (const key of keys) {
      const versions = this.model.of(key)
      for (const { id, content } of versions) {
        const reply = await this.#s3.call('GET', `/bucket/${key}?versionId=${id}`)
        const read = reply.status === 200 ? reply.text : undefined
        expect([reply.status, versionOf(reply)]).toEqual([content === undefined ? 405 : 200, isVersioned ? id : null])
        expect(read).toBe(content)
      }
      const current = await this.#s3.call('GET', `/bucket/${key}`)
      const isThere = versions[0]?.content !== undefined
      expect([current.status, versionOf(current)]).toEqual([
        isThere ? 200 : 404,
        (isVersioned && versions[0]?.id) || null,
      ])
    }
    const isEmpty = keys.every((key) => this.model.of(key).length === 0)
    const deletion = await this.#s3.call('DELETE', '/bucket')
    expect([deletion.status, deletion.code]).toEqual(isEmpty ? [204, undefined] : [409, 'BucketNotEmpty'])
  }
}

test('Whatever is put, copied, completed, removed and erased, while versioning is on or not, leaves the versions that a list would have', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (taken, limit) => {
      const s3 = await openS3()
      try {
        await s3.call('PUT', '/bucket')
        const history = new History(s3)
        for (const [index, step] of taken.entries()) {
          await history.take(step, `content ${index}`)
          expect(await history.listed(limit)).toEqual(history.model.listed)
          expect(await history.objects()).toEqual(history.model.objects)
        }
        await history.expectContents()
      } finally {
        await s3.close()
      }
    }),
    { numRuns: 60 },
  )
})
