// This build beside another one: each row is measured in turns, so that both meet the same seconds of the machine, and told as a ratio of
// the other's. Less than a twentieth is not told apart: two copies of one build differ by as much on a machine that others use too.
const kibibyte = Buffer.alloc(1024, 'b')
const noSlower = 0.95

/**
 * @param bench what the other measurements use too
 * @param other path of the other build's program
 */
export async function measureBeside(bench, other) {
  const builds = { other, own: undefined }
  await compareStarts(bench, builds)
  const opened = {}
  for (const [name, build] of Object.entries(builds)) opened[name] = await bench.openEmulator(`beside-${name}`, build)
  await compareSmall(bench, opened)
  await compareLarge(bench, opened)
  for (const { emulator } of Object.values(opened)) await emulator.stop()
}

async function compareStarts({ startEmulator, residentMiB, median, report, isQuick }, { other }) {
  const ready = { other: [], own: [] }
  for (let round = 0; round < (isQuick ? 5 : 15); round++) {
    for (const [name, build] of turns(round, { other, own: undefined })) {
      const begun = performance.now()
      const emulator = await startEmulator(`beside-start-${name}`, build)
      await fetch(`http://127.0.0.1:${emulator.port}/_s3kms/health`)
      ready[name].push(performance.now() - begun)
      await emulator.stop()
    }
  }
  const times = { other: median(ready.other), own: median(ready.own) }
  tell(report, 'ready after start', 'ms', times, times.other / times.own)
  const memory = {}
  for (const [name, build] of Object.entries({ other, own: undefined })) {
    const emulator = await startEmulator(`beside-start-${name}`, build)
    memory[name] = await residentMiB(emulator)
    await emulator.stop()
  }
  tell(report, 'resident memory when idle', 'MiB', memory, memory.other / memory.own)
}

async function compareSmall({ load, report, median, isQuick }, opened) {
  const many = (make) => Array.from({ length: 100 }, (_, index) => make(index))
  const rows = {
    GenerateDataKey: ({ kms }) => [kms('GenerateDataKey', { KeyId: 'alias/bench', KeySpec: 'AES_256' })],
    'PUT 1 KiB, SSE-KMS': ({ s3, sealed }) =>
      many((i) => s3('PUT', `/bench/sealed-${i}`, { headers: sealed, body: kibibyte })),
    'GET 1 KiB, SSE-KMS': ({ s3 }) => many((i) => s3('GET', `/bench/sealed-${i}`)),
    'PUT 1 KiB, not encrypted': ({ s3 }) => many((i) => s3('PUT', `/bench/plain-${i}`, { body: kibibyte })),
    'GET 1 KiB, not encrypted': ({ s3 }) => many((i) => s3('GET', `/bench/plain-${i}`)),
  }
  for (const [what, requestsOf] of Object.entries(rows)) {
    const measure = async (name, seconds) =>
      (await load(opened[name].emulator.port, requestsOf(opened[name]), { connections: 16, seconds })).perSecond
    // V8 is still compiling in the second second.
    for (const name of Object.keys(opened)) await measure(name, isQuick ? 1 : 3)
    const { values, ratio } = await inPairs(median, isQuick ? 5 : 21, opened, (name) => measure(name, 0.5))
    tell(report, what, 'requests/s', values, ratio)
  }
}

async function compareLarge({ report, median, large, isQuick }, opened) {
  const put = ({ s3 }, name, headers, body) => s3('PUT', `/bench/${name}`, { headers, body, unsignedPayload: true })
  const eight = (one) =>
    Array.from({ length: 8 }, (_, i) => put(one, `eight-${i}`, one.sealed, large.subarray(0, 8 << 20)))
  const rows = {
    'PUT 64 MiB, SSE-KMS': (one) => [put(one, 'sealed', one.sealed, large)],
    'GET 64 MiB, SSE-KMS': ({ s3 }) => [s3('GET', '/bench/sealed')],
    'PUT 64 MiB, not encrypted': (one) => [put(one, 'plain', {}, large)],
    'GET 64 MiB, not encrypted': ({ s3 }) => [s3('GET', '/bench/plain')],
    '8 × 8 MiB, SSE-KMS, 8 writers': eight,
  }
  for (const [what, requestsOf] of Object.entries(rows)) {
    const measure = async (name) => {
      const requests = requestsOf(opened[name])
      return 64 / (await opened[name].once(requests, requests.length)).took
    }
    for (const name of Object.keys(opened)) await measure(name)
    const { values, ratio } = await inPairs(median, isQuick ? 5 : 21, opened, measure)
    tell(report, what, 'MiB/s', values, ratio)
  }
}

/** @returns the medians, and the median of the ratios of each pair */
async function inPairs(median, rounds, opened, measure) {
  const all = { other: [], own: [] }
  for (let round = 0; round < rounds; round++)
    for (const [name] of turns(round, opened)) all[name].push(await measure(name))
  const ratio = median(all.own.map((own, round) => own / all.other[round]))
  return { values: { other: median(all.other), own: median(all.own) }, ratio }
}

/** Whoever comes second finds the machine warmer: each is the first in every other round. */
function turns(round, named) {
  return round % 2 === 0 ? Object.entries(named) : Object.entries(named).reverse()
}

function tell(report, what, unit, { own, other }, ratio) {
  report(what, `${own.toFixed(0)} beside ${other.toFixed(0)}`, unit, ratio, `≥ ${noSlower}`, ratio >= noSlower)
}
