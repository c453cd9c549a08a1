import { execFileSync } from 'node:child_process'

const kibibyte = Buffer.alloc(1024, 'k')

/**
 * Writes while dropped bodies are cleared and their tables merged, beside the same writes of an emulator that has no garbage. The
 * first sweep comes a second after the start, so both are started anew.
 * @param bench what the other measurements use too
 */
export async function measureReclaim(bench) {
  const { report, isQuick } = bench
  // One emulator after another meets other seconds of the machine: the middle one of several pairs counts.
  const pairs = []
  for (let round = 0; round < (isQuick ? 1 : 5); round++) {
    const without = await restartBehind(bench, `no-garbage-${round}`, 1)
    pairs.push({ withGarbage: await restartBehind(bench, `garbage-${round}`, isQuick ? 16 : 32), without })
  }
  for (const [what, key] of Object.entries({ 'PUT 1 KiB': 'small', 'PUT 8 MiB': 'eight' })) {
    const sorted = pairs.map(({ withGarbage, without }) => [
      withGarbage[key] / without[key],
      withGarbage[key],
      without[key],
    ])
    const [ratio, measured, reference] = sorted.sort(([a], [b]) => a - b)[sorted.length >> 1]
    const value = `${measured.toFixed(0)} of ${reference.toFixed(0)}`
    report(`${what}, SSE-KMS, while space comes back`, value, 'requests/s', ratio, '≥ 0.8', ratio >= 0.8)
  }
}

/** The speed of writes in the seconds after the start, when an object of 64 MiB was overwritten so often before. */
async function restartBehind({ openEmulator, startEmulator, load, inTurns, signed, large }, name, overwrites) {
  const { emulator: first, s3, sealed, once } = await openEmulator(name)
  await once(Array.from({ length: overwrites }, () => s3('PUT', '/bench/once', { body: large, unsignedPayload: true })))
  await first.stop()
  // What the system has still to write of it would be measured instead.
  execFileSync('sync')
  const emulator = await startEmulator(name)
  const put = (path, body) => {
    const host = `127.0.0.1:${emulator.port}`
    return signed({ method: 'PUT', host, path, service: 's3', headers: sealed, body, unsignedPayload: true })
  }
  const small = Array.from({ length: 100 }, (_, index) => put(`/bench/small-${index}`, kibibyte))
  const eight = [put('/bench/eight', large.subarray(0, 8 << 20))]
  const rate = async (requests, connections, seconds) =>
    (await load(emulator.port, requests, { connections, seconds })).perSecond
  await rate(small, 16, 1)
  const rates = await inTurns(4, { small: () => rate(small, 16, 0.25), eight: () => rate(eight, 1, 0.25) })
  await emulator.stop()
  return rates
}
