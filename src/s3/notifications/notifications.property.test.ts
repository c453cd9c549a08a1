import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import { readNotifications } from './read-notifications.ts'

/*
 * A bucket's history against a model of which events must come, in which order: puts, copies, deletions of keys and of versions, tags,
 * ACLs, versioning on and off, configurations that change, requests that fail.
 */

const keys = ['a/1', 'a/2', 'b/1'] as const
type Key = (typeof keys)[number]

/** What the bucket is configured to tell of; nothing: it has no configuration. */
const configurations = [
  undefined,
  { events: ['ObjectCreated:*', 'ObjectRemoved:*', 'ObjectTagging:*', 'ObjectAcl:Put'], prefix: '' },
  { events: ['ObjectCreated:Put', 'ObjectRemoved:DeleteMarkerCreated', 'ObjectTagging:Delete'], prefix: '' },
  { events: ['ObjectCreated:*', 'ObjectRemoved:Delete'], prefix: 'a/' },
] as const

type Step =
  | { does: 'put' | 'put anew' | 'delete' | 'tag' | 'untag' | 'open' | 'close'; key: Key }
  | { does: 'copy'; key: Key; to: Key }
  | { does: 'delete version'; key: Key; which: number }
  | { does: 'version'; status: 'Enabled' | 'Suspended' }
  | { does: 'configure'; which: number }

const key = fc.constantFrom(...keys)
const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        does: fc.constantFrom('put', 'put', 'put anew', 'delete', 'tag', 'untag', 'open', 'close') as fc.Arbitrary<
          'put' | 'put anew' | 'delete' | 'tag' | 'untag' | 'open' | 'close'
        >,
        key,
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('copy' as const), key, to: key }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('delete version' as const), key, which: fc.nat(4) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('version' as const),
        status: fc.constantFrom('Enabled' as const, 'Suspended' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('configure' as const), which: fc.nat(3) }) },
  ),
  { maxLength: 60, size: 'max' },
)

interface Version {
  id: string
  isMarker: boolean
  isOpen: boolean
}

/** What must be told: the event, the key, the version where it has an id. */
type Told = [event: string, key: string, versionId: string | undefined]

class Model {
  readonly told: Told[] = []
  readonly versions = new Map<Key, Version[]>()
  versioning: 'Enabled' | 'Suspended' | undefined
  configuration: (typeof configurations)[number]

  of(key: Key): Version[] {
    const known = this.versions.get(key) ?? []
    this.versions.set(key, known)
    return known
  }

  current(key: Key): Version | undefined {
    const [newest] = this.of(key)
    return newest?.isMarker ? undefined : newest
  }

  /** @param id that the answer names; none where there are no versions */
  add(key: Key, id: string | undefined, isMarker: boolean): void {
    const versions = this.of(key)
    if (this.versioning === undefined) versions.splice(0)
    if (this.versioning === 'Suspended') this.#drop(versions, 'null')
    versions.unshift({ id: id ?? 'null', isMarker, isOpen: false })
  }

  #drop(versions: Version[], id: string): boolean {
    const index = versions.findIndex((version) => version.id === id)
    if (index >= 0) versions.splice(index, 1)
    return index >= 0
  }

  drop(key: Key, id: string): boolean {
    return this.#drop(this.of(key), id)
  }

  tell(event: string, key: Key, id = 'null'): void {
    const { events = [], prefix = '' } = this.configuration ?? {}
    const isAsked = events.some(
      (asked) => asked === event || (asked.endsWith('*') && event.startsWith(asked.slice(0, -1))),
    )
    if (isAsked && key.startsWith(prefix)) this.told.push([event, key, id === 'null' ? undefined : id])
  }
}

async function perform(s3: S3Fixture, model: Model, step: Step): Promise<void> {
  const { does } = step
  if (does === 'configure') {
    model.configuration = configurations[step.which]
    await configure(s3, model.configuration)
    return
  }
  if (does === 'version') {
    model.versioning = step.status
    const body = `<VersioningConfiguration><Status>${step.status}</Status></VersioningConfiguration>`
    await s3.call('PUT', '/bucket?versioning', { body })
    return
  }
  const { key } = step
  const path = `/bucket/${key}`
  const current = model.current(key)
  if (does === 'put') {
    const { headers } = await s3.call('PUT', path, { body: 'x' })
    const id = headers.get('x-amz-version-id') ?? undefined
    model.add(key, id, false)
    model.tell('ObjectCreated:Put', key, id)
  } else if (does === 'put anew') {
    const { status, headers } = await s3.call('PUT', path, { body: 'x', headers: { 'if-none-match': '*' } })
    expect(status).toBe(current ? 412 : 200)
    if (current) return
    const id = headers.get('x-amz-version-id') ?? undefined
    model.add(key, id, false)
    model.tell('ObjectCreated:Put', key, id)
  } else if (does === 'copy') {
    const source = { 'x-amz-copy-source': path, 'x-amz-metadata-directive': 'REPLACE' }
    const { status, headers } = await s3.call('PUT', `/bucket/${step.to}`, { headers: source })
    expect(status).toBe(current ? 200 : 404)
    if (!current) return
    const id = headers.get('x-amz-version-id') ?? undefined
    model.add(step.to, id, false)
    model.tell('ObjectCreated:Copy', step.to, id)
  } else if (does === 'delete') {
    const { headers } = await s3.call('DELETE', path)
    const id = headers.get('x-amz-version-id') ?? undefined
    if (model.versioning === undefined) {
      if (model.drop(key, 'null')) model.tell('ObjectRemoved:Delete', key)
    } else {
      model.add(key, id, true)
      model.tell('ObjectRemoved:DeleteMarkerCreated', key, id)
    }
  } else if (does === 'delete version') {
    const id = model.of(key)[step.which]?.id ?? 'null'
    await s3.call('DELETE', `${path}?versionId=${id}`)
    if (model.drop(key, id)) model.tell('ObjectRemoved:Delete', key, id)
  } else if (does === 'tag' || does === 'untag') {
    const body = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
    const { status } = await s3.call(
      does === 'tag' ? 'PUT' : 'DELETE',
      `${path}?tagging`,
      does === 'tag' ? { body } : {},
    )
    expect(status < 300).toBe(current !== undefined)
    if (current) model.tell(does === 'tag' ? 'ObjectTagging:Put' : 'ObjectTagging:Delete', key, current.id)
  } else {
    const isOpen = does === 'open'
    const { status } = await s3.call('PUT', `${path}?acl`, {
      headers: { 'x-amz-acl': isOpen ? 'public-read' : 'private' },
    })
    expect(status === 200).toBe(current !== undefined)
    if (current && current.isOpen !== isOpen) model.tell('ObjectAcl:Put', key, current.id)
    if (current) current.isOpen = isOpen
  }
}

async function configure(s3: S3Fixture, configuration: Model['configuration']): Promise<void> {
  const { events, prefix } = configuration ?? {}
  const asked = events?.map((event) => `<Event>s3:${event}</Event>`).join('')
  const filter = prefix
    ? `<Filter><S3Key><FilterRule><Name>prefix</Name><Value>${prefix}</Value></FilterRule></S3Key></Filter>`
    : ''
  const rule = `<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue>${asked}${filter}</QueueConfiguration>`
  const body = `<NotificationConfiguration>${configuration ? rule : ''}</NotificationConfiguration>`
  const headers = { 'x-amz-skip-destination-validation': 'true' }
  expect((await s3.call('PUT', '/bucket?notification', { body, headers })).status).toBe(200)
}

/** What was told, in the order in which it is read. */
async function toldBy({ database }: S3Fixture): Promise<{ told: Told[]; sequencers: [string, string][] }> {
  const { notifications } = await readNotifications(database, { limit: 1000 })
  const records = notifications.map(({ key = '', message }) => {
    const [record] = message.Records as {
      eventName: string
      s3: { object: { versionId?: string; sequencer?: string } }
    }[]
    return { key, event: record?.eventName ?? '', object: record?.s3.object ?? {} }
  })
  const told = records.map(({ event, key, object }): Told => [event, key, object.versionId])
  const sequencers = records.flatMap(({ key, object: { sequencer } }): [string, string][] =>
    sequencer === undefined ? [] : [[key, sequencer]],
  )
  return { told, sequencers }
}

test('Of any history exactly the events are told that it owes, in its order, with sequencers that grow', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const s3 = await openS3()
      try {
        await s3.call('PUT', '/bucket')
        const model = new Model()
        for (const step of [{ does: 'configure', which: 1 } as const, ...history]) await perform(s3, model, step)
        const { told, sequencers } = await toldBy(s3)
        expect(told).toEqual(model.told)
        for (const key of keys) {
          const own = sequencers.filter(([name]) => name === key).map(([, sequencer]) => sequencer)
          expect(own).toEqual([...new Set(own)].sort())
        }
      } finally {
        await s3.close()
      }
    }),
    { numRuns: 40 },
  )
})
