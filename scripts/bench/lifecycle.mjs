// What a lifecycle costs: a write in a bucket that has one, and a day on which one object in a hundred is due.
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import { loadSource } from '../load-source.mjs'

const kibibyte = Buffer.alloc(1024, 'l')
const day = 86_400_000
const days = 30
const due = 10_000
const rules = Buffer.from(
  `<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>${days}</Days></Expiration></Rule></LifecycleConfiguration>`,
)
const md5 = { 'content-md5': createHash('md5').update(rules).digest('base64') }
const putRules = (s3, bucket) => s3('PUT', `/${bucket}`, { query: [['lifecycle', '']], headers: md5, body: rules })

/** A write beside the same write into a bucket without a lifecycle: new keys, and written over. */
export async function measureLifecycleWrites({ openEmulator, beside, load, report, isQuick }) {
  const { emulator, s3, once } = await openEmulator('lifecycle-writes')
  await once([s3('PUT', '/ruled'), putRules(s3, 'ruled')])
  let written = 0
  const putsInto = (bucket, keyOf) =>
    Array.from({ length: 2000 }, (_, index) => s3('PUT', `/${bucket}/${keyOf(index)}`, { body: kibibyte }))
  const fresh = () => `new/${written++}`
  const cases = {
    'PUT 1 KiB with a lifecycle, new keys': fresh,
    'PUT 1 KiB with a lifecycle, written over': (index) => index % 100,
  }
  for (const [what, keyOf] of Object.entries(cases)) {
    const rateIn = async (bucket, seconds) => {
      const requests = putsInto(bucket, keyOf)
      if (keyOf === fresh)
        return requests.length / (await load(emulator.port, requests, { connections: 16, once: true })).took
      return (await load(emulator.port, requests, { connections: 16, seconds })).perSecond
    }
    for (const bucket of ['bench', 'ruled']) await rateIn(bucket, isQuick ? 1 : 3)
    const rounds = isQuick ? 5 : 11
    const { reference, measured, ratio } = await beside(
      rounds,
      () => rateIn('bench', 0.5),
      () => rateIn('ruled', 0.5),
    )
    report(what, `${measured.toFixed(0)} of ${reference.toFixed(0)}`, 'requests/s', ratio, '≥ 0.8', ratio >= 0.8)
  }
  await emulator.stop()
}

/** The day on which 10,000 objects are due, of so many and of no others. */
export async function measureLifecycleDay({ openEmulator, report, folder, isQuick }) {
  const all = isQuick ? 100_000 : 1_000_000
  const measured = {}
  for (const size of [due, all]) measured[size] = await measureDay(openEmulator, folder, size)
  const ratio = measured[all].took / measured[due].took
  const value = `${measured[all].took.toFixed(2)} to ${measured[due].took.toFixed(2)}`
  report(`processor for a lifecycle day, ${due} due of ${all} beside ${due}`, value, 's', ratio, '≤ 1.5', ratio <= 1.5)
  const { longest } = measured[all]
  report('the longest turn in it', longest.toFixed(0), 'ms', undefined, '≤ 50 ms', longest <= 50)
}

async function measureDay(openEmulator, folder, size) {
  const name = `lifecycle-${size}`
  const { emulator, s3, once: sendAll } = await openEmulator(name)
  await sendAll([s3('PUT', '/ruled'), putRules(s3, 'ruled')])
  const keys = Array.from({ length: due }, (_, index) => `due/${String(index).padStart(6, '0')}`)
  await sendAll(
    keys.map((key) => s3('PUT', `/ruled/${key}`, { body: kibibyte })),
    16,
  )
  await emulator.stop()
  await age(join(folder, name, 'records'), size - due)
  const server = fork(fileURLToPath(new URL('lifecycle-day.mjs', import.meta.url)), [join(folder, name), keys.at(-1)])
  const [result] = await once(server, 'message')
  server.disconnect()
  await once(server, 'exit')
  return result
}

/** What was written becomes old enough, others are there that are not yet, and the last run was yesterday's. */
async function age(path, others) {
  const { encodeKey } = await loadSource('src/store/keyspace.ts')
  const { objectRecords } = await loadSource('src/s3/records/object-record.ts')
  const { indexedVersions } = await loadSource('src/s3/records/lifecycle-index.ts')
  const level = new ClassicLevel(path, { keyEncoding: 'utf8', valueEncoding: 'utf8', writeBufferSize: 16 << 20 })
  await level.open()
  const today = Math.floor(Date.now() / day)
  const put = (name, parts, value) => ({
    type: 'put',
    key: encodeKey(kindOf(name), parts),
    value: JSON.stringify(value),
  })
  const kindOf = (name) => kinds[name]
  const kinds = { object: objectRecords, entry: indexedVersions, ...(await schedule()) }
  const { lt, gte } = { gte: encodeKey(indexedVersions, ['ruled']), lt: `${encodeKey(indexedVersions, ['ruled'])}\xff` }
  await level.clear({ gte, lt })
  const stage = (key, record, age) => [
    put('object', ['ruled', key], { ...record, lastModified: (today - age) * day }),
    put('entry', ['ruled', today - age, key, 2 ** 52], true),
  ]
  const begin = encodeKey(objectRecords, ['ruled'])
  let template
  let batch = []
  for await (const [name, text] of level.iterator({ gte: begin, lt: `${begin}\xff` })) {
    template = JSON.parse(text)
    batch.push(...stage(name.slice(begin.length, -1), template, days))
  }
  for (let index = 0; index < others; index++) {
    batch.push(...stage(`other/${String(index).padStart(7, '0')}`, template, index % days))
    if (batch.length < 2000) continue
    await level.batch(batch)
    batch = []
  }
  batch.push(put('state', ['ruled'], { ranAt: (today - 1) * day }), put('due', [today * day, 'ruled'], true))
  await level.batch(batch)
  // What LevelDB has still to merge of it would be measured instead.
  await level.compactRange('', '\xff')
  await level.close()
}

async function schedule() {
  const { recordKind } = await loadSource('src/store/keyspace.ts')
  return {
    state: recordKind()('lifecycleIndex', ['string']),
    due: recordKind()('lifecycleDue', ['integer', 'string']),
  }
}
