// What a snapshot of 10,000 objects takes: to be saved, to be loaded where nothing is left of it, and where one object was written since.
const objects = 10_000
const kibibyte = Buffer.alloc(1024, 's')

/**
 * @param bench what the other measurements use too
 */
export async function measureSnapshots({ openEmulator, report, isQuick }) {
  const { emulator, s3, sealed, once } = await openEmulator('snapshots')
  const put = (index, headers = {}) => s3('PUT', `/bench/${index}`, { headers, body: kibibyte })
  // A tenth of them with an event of KMS and a sealed key, as a suite's seeds may be.
  await once(
    Array.from({ length: objects }, (_, index) => put(index, index % 10 === 0 ? sealed : {})),
    16,
  )
  const ask = async (method, path) => {
    const begun = performance.now()
    const { status } = await fetch(`http://127.0.0.1:${emulator.port}/_s3kms/${path}`, { method })
    if (status !== 200) throw new Error(`${method} ${path} is answered ${status}`)
    return performance.now() - begun
  }
  const took = { save: [], whole: [], one: [] }
  for (let round = 0; round < (isQuick ? 3 : 9); round++) {
    took.save.push(await ask('PUT', 'snapshots/bench'))
    await ask('POST', 'reset')
    took.whole.push(await ask('POST', 'snapshots/bench/load'))
    await once([put('other')])
    took.one.push(await ask('POST', 'snapshots/bench/load'))
  }
  const [save, whole, one] = Object.values(took).map((times) => times.toSorted((a, b) => a - b)[times.length >> 1])
  report('a snapshot of 10,000 objects, saved', save.toFixed(0), 'ms', undefined, '', true)
  report('the same, loaded behind a reset', whole.toFixed(0), 'ms', undefined, '< 1000 ms', whole < 1000)
  report('the same, loaded behind one write', one.toFixed(0), 'ms', undefined, '', true)
  await emulator.stop()
}
