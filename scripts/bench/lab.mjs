// What the lab costs. No run has the program without it, so an emulator in which it is off again is held beside one in which nothing of it
// was ever asked for: both look at a member for each call, and nothing may linger. For comparison the same with a rule in force that every
// call is held against and none fits, and with a clock that was turned, which may cost something.
const content = { 'content-type': 'application/json' }
const rule = { service: 'kms', operation: 'ScheduleKeyDeletion', bucket: 'elsewhere', error: 'ThrottlingException' }

/**
 * @param bench what the other measurements use too
 */
export async function measureLab({ openEmulator, beside, load, report, isQuick }) {
  const never = await openEmulator('lab-never')
  const used = await openEmulator('lab-used')
  const ask = async (method, path, body) => {
    const request = { method, headers: body && content, body: body && JSON.stringify(body) }
    const { status } = await fetch(`http://127.0.0.1:${used.emulator.port}/_s3kms/${path}`, request)
    if (status !== 200) throw new Error(`${method} ${path} is answered ${status}`)
  }
  const rateOf = (opened, requests, seconds) =>
    load(opened.emulator.port, requests, { connections: 16, seconds }).then(({ perSecond }) => perSecond)
  const compare = async (what, requestsOf, target) => {
    const [requests, requestsUsed] = [requestsOf(never), requestsOf(used)]
    // V8 is still compiling in the second second.
    await rateOf(never, requests, isQuick ? 1 : 3)
    await rateOf(used, requestsUsed, isQuick ? 1 : 3)
    const { reference, measured, ratio } = await beside(
      isQuick ? 3 : 9,
      () => rateOf(never, requests, 0.5),
      () => rateOf(used, requestsUsed, 0.5),
    )
    const value = `${measured.toFixed(0)} of ${reference.toFixed(0)}`
    report(what, value, 'requests/s', ratio, target ? `≥ ${target}` : '', !target || ratio >= target)
  }
  const body = Buffer.alloc(1024, 'l')
  const generate = ({ kms }) => [kms('GenerateDataKey', { KeyId: 'alias/bench', KeySpec: 'AES_256' })]
  const put = ({ s3, sealed }) => [s3('PUT', '/bench/lab', { headers: sealed, body })]

  await ask('PUT', 'snapshots/bench')
  await ask('POST', 'faults', rule)
  await compare('GenerateDataKey, with a fault rule that fits nothing', generate)
  await ask('DELETE', 'faults')
  await ask('DELETE', 'snapshots/bench')
  await compare('GenerateDataKey, the lab off again, beside never', generate, 0.9)
  await compare('PUT 1 KiB, SSE-KMS, the lab off again, beside never', put, 0.9)
  await ask('POST', 'clock/advance/1h')
  await compare('GenerateDataKey, with a clock that was turned', generate)
  await Promise.all([never.emulator.stop(), used.emulator.stop()])
}
