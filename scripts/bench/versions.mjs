// What versions cost: a write in a bucket that has them, and a page of a bucket that is a hundred times as large.
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { loadSource } from '../load-source.mjs'

const kibibyte = Buffer.alloc(1024, 'v')
const enabled = Buffer.from('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')

/**
 * @param bench what the other measurements use too
 */
export async function measureVersions({ openEmulator, beside, load, report, isQuick }) {
  const { emulator, s3, once } = await openEmulator('versions')
  await once([s3('PUT', '/versions')])
  await once([s3('PUT', '/versions', { query: [['versioning', '']], body: enabled })])
  const putsInto = (bucket) =>
    Array.from({ length: 100 }, (_, index) => s3('PUT', `/${bucket}/${index}`, { body: kibibyte }))
  const [plain, versioned] = [putsInto('bench'), putsInto('versions')]
  const rate = async (requests, seconds) =>
    (await load(emulator.port, requests, { connections: 16, seconds })).perSecond
  for (const requests of [plain, versioned]) await rate(requests, isQuick ? 1 : 3)
  const { reference, measured, ratio } = await beside(
    isQuick ? 5 : 11,
    () => rate(plain, 0.5),
    () => rate(versioned, 0.5),
  )
  report(
    'PUT 1 KiB, versioned',
    `${measured.toFixed(0)} of ${reference.toFixed(0)}`,
    'requests/s',
    ratio,
    '≥ 0.8',
    ratio >= 0.8,
  )
  await emulator.stop()
}

/** A page of 1,000 of a bucket with many keys, each of two versions and behind as many keys that are deleted. */
export async function measurePages({ openEmulator, startEmulator, inTurns, signed, load, report, folder, isQuick }) {
  const sizes = { small: 10_000, large: isQuick ? 100_000 : 1_000_000 }
  const running = {}
  for (const [name, size] of Object.entries(sizes)) {
    // Folders of other measurements have names of their own.
    const own = `pages-${name}`
    const first = await openEmulator(own)
    await first.once([first.s3('PUT', '/bench', { query: [['versioning', '']], body: enabled })])
    await first.once([first.s3('PUT', '/bench/k', { body: kibibyte })])
    await first.emulator.stop()
    await fill(join(folder, own, 'records'), size)
    running[name] = await startEmulator(own)
  }
  const pages = {
    'the first 1,000 keys': [['list-type', '2']],
    '1,000 keys in the midst': [
      ['list-type', '2'],
      ['start-after', 'k/4'],
    ],
    'the first 1,000 versions': [['versions', '']],
    '1,000 versions in the midst': [
      ['key-marker', 'k/4'],
      ['versions', ''],
    ],
  }
  for (const [what, query] of Object.entries(pages)) {
    const timeIn = ({ port }) => {
      const request = signed({ method: 'GET', host: `127.0.0.1:${port}`, path: '/bench', query, service: 's3' })
      const requests = Array.from({ length: 8 }, () => request)
      return async () => (1000 * (await load(port, requests, { connections: 1, once: true })).took) / requests.length
    }
    const { small, large } = await inTurns(isQuick ? 5 : 9, {
      small: timeIn(running.small),
      large: timeIn(running.large),
    })
    const value = `${large.toFixed(1)} to ${small.toFixed(1)}`
    report(`${what} of ${sizes.large} beside ${sizes.small}`, value, 'ms', large / small, '≤ 1.5', large / small <= 1.5)
  }
  for (const emulator of Object.values(running)) await emulator.stop()
}

/** As puts and deletes would leave it: half of the versions are current, and as many keys as those are deleted. */
async function fill(path, size) {
  const { encodeKey } = await loadSource('src/store/keyspace.ts')
  const records = await loadSource('src/s3/records/object-record.ts')
  const level = new ClassicLevel(path, { keyEncoding: 'utf8', valueEncoding: 'utf8', writeBufferSize: 16 << 20 })
  await level.open()
  const template = JSON.parse(await level.get(encodeKey(records.objectRecords, ['bench', 'k'])))
  const { lastModified, ownerAccountId } = template
  const [id, order] = ['x'.repeat(32), 2 ** 52]
  const marker = { versionId: id, order: order - 2, lastModified, ownerAccountId, isDeleteMarker: true }
  const put = (kind, parts, value) => ({ type: 'put', key: encodeKey(kind, parts), value: JSON.stringify(value) })
  for (let begin = 0; begin < size / 2; begin += 1000) {
    const batch = []
    for (let index = begin; index < Math.min(begin + 1000, size / 2); index++) {
      const key = `k/${(index / (size / 2)).toFixed(7).slice(2)}`
      batch.push(put(records.objectRecords, ['bench', key], { ...template, versionId: id, order: order - 2 }))
      batch.push(
        put(records.objectVersions, ['bench', key, order - 1], { ...template, versionId: id, order: order - 1 }),
      )
      batch.push(put(records.currentMarkers, ['bench', `deleted/${index}`], marker))
    }
    await level.batch(batch)
  }
  await level.close()
}
