// How fast verify reads, beside a client that reads the same objects over the socket: the reading that people know, over as many
// connections as make it fastest. Half of the objects are sealed by SSE-KMS, half lie in clear.
const size = 4 << 20

/**
 * @param bench what the other measurements use too
 */
export async function measureVerify({ openEmulator, beside, report, isQuick }) {
  const { emulator, s3, sealed, once } = await openEmulator('verify')
  const names = Array.from({ length: isQuick ? 16 : 64 }, (_, index) => `/bench/verify-${index}`)
  const body = Buffer.alloc(size, 'v')
  const headersAt = (index) => (index % 2 === 0 ? sealed : {})
  await once(names.map((name, index) => s3('PUT', name, { headers: headersAt(index), body, unsignedPayload: true })))
  const mebibytes = (names.length * size) / 2 ** 20
  const gets = names.map((name) => s3('GET', name))
  const read = async () => mebibytes / (await once(gets, 4)).took
  const verify = async () => {
    const begun = performance.now()
    const response = await fetch(`http://127.0.0.1:${emulator.port}/_s3kms/verify`, { method: 'POST' })
    const { ok, bytes } = await response.json()
    if (!ok || bytes !== names.length * size) throw new Error(`verify read ${bytes} bytes, and says that ok is ${ok}`)
    return mebibytes / ((performance.now() - begun) / 1000)
  }
  await read()
  await verify()
  const { reference, measured, ratio } = await beside(isQuick ? 3 : 5, read, verify)
  const value = `${measured.toFixed(0)} of ${reference.toFixed(0)}`
  report(`verify, ${names.length} × 4 MiB, beside their GETs`, value, 'MiB/s', ratio, '≥ 0.5', ratio >= 0.5)
  await emulator.stop()
}
