import { encode, hmac, presignedQuery, queryText, sha256, signatureTime, signed, signingKey } from '../signature.mjs'
import { toBytes } from '../wire.mjs'
import { longText, mutateBytes, mutateText, oddText, sometimes } from './mutations.mjs'
import { spoiled, wellFormed } from './request.mjs'

/* The rest: the control paths, presigned requests, browsers' forms, aws-chunked bodies, and no HTTP at all. */

export function controlRequest(chance, world) {
  const paths = [
    'health',
    'explain/last',
    `explain/${encode(wellFormed(oddText(chance)))}`,
    'explain/%zz',
    'nothing',
    '',
  ]
  const target = `/_s3kms/${sometimes(chance, chance.pick(paths), mutateText).replace('reset', '')}`
  const headers = {
    host: chance.oneIn(5) ? 'evil.test' : `127.0.0.1:${world.port}`,
    ...(chance.oneIn(4) ? { origin: chance.pick(['null', 'http://evil.test', `http://127.0.0.1:${world.port}`]) } : {}),
    ...(chance.oneIn(4) ? { authorization: chance.pick(['Bearer x', 'Bearer ', 'AWS a:b', 'Basic x']) } : {}),
    'content-length': '0',
  }
  return spoiled(chance, {
    method: chance.pick(['GET', 'GET', 'HEAD', 'PUT', 'DELETE']),
    target,
    headers,
    body: Buffer.alloc(0),
  })
}

export function presignedRequest(chance, world) {
  const method = chance.pick(['GET', 'PUT', 'HEAD', 'DELETE'])
  const path = `/${world.bucket}/${encode(chance.pick(world.objectKeys))}`
  const host = `127.0.0.1:${world.port}`
  const further = [
    ['x-amz-server-side-encryption', 'AES256'],
    ['response-content-type', 'text/plain'],
    ['versionId', 'null'],
  ]
  const query = chance.oneIn(2) ? [] : [chance.pick(further)]
  const expires = chance.pick([1, 600, 604_800, 604_801, -1])
  const pairs = presignedQuery({ method, path, query, headers: { host }, expires })
  const changed = pairs.map(([name, value]) => [
    chance.oneIn(25) ? wellFormed(mutateText(chance, name)) : name,
    chance.oneIn(15) ? wellFormed(mutateText(chance, value)) : value,
  ])
  const text = queryText(changed)
  // The same name written otherwise is the same name.
  const target = `${path}?${chance.oneIn(10) ? text.replace('Signature=', 'Signatur%65=') : text}`
  const body = method === 'PUT' ? chance.bytes(chance.int(500)) : Buffer.alloc(0)
  return spoiled(chance, { method, target, headers: { host, 'content-length': String(body.length) }, body })
}

export function formRequest(chance, world) {
  // A form has so many fields that most would be refused at the first ones.
  const isChanged = chance.oneIn(2)
  const time = signatureTime()
  const credential = `test/${time.slice(0, 8)}/us-east-1/s3/aws4_request`
  const conditions = [
    { bucket: world.bucket },
    ['starts-with', '$key', ''],
    ['content-length-range', 0, 1_000_000],
    // Every field that is sent must be allowed.
    ...['x-amz-algorithm', 'x-amz-credential', 'x-amz-date'].map((name) => ['starts-with', `$${name}`, '']),
    ['starts-with', '$success_action_status', ''],
    ['starts-with', '$x-amz-server-side-encryption', ''],
  ]
  const policy = Buffer.from(
    sometimes(chance, JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions }), (_, text) =>
      chance.oneIn(3) ? mutateText(chance, text) : text,
    ),
  ).toString('base64')
  const fields = [
    ['key', chance.oneIn(3) ? `form/${'$'}{filename}` : chance.pick(world.objectKeys)],
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', credential],
    ['x-amz-date', time],
    ['policy', policy],
    ['x-amz-signature', hmac(signingKey('test', time.slice(0, 8), 's3'), policy).toString('hex')],
    ['success_action_status', chance.pick(['200', '201', '204', '999'])],
    ['x-amz-server-side-encryption', chance.pick(['AES256', 'aws:kms'])],
  ].filter(() => !isChanged || !chance.oneIn(12))
  const boundary = chance.oneIn(20) ? oddText(chance).slice(0, 100) : 'frontier'
  const parts = fields.map(([name, value]) => {
    const [shown, held] = [
      isChanged && chance.oneIn(30) ? mutateText(chance, name) : name,
      isChanged && chance.oneIn(12) ? mutateText(chance, value) : value,
    ]
    return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${shown}"\r\n\r\n${held}\r\n`)
  })
  const file = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${oddText(chance)}"\r\n\r\n`,
  )
  const whole = Buffer.concat([...parts, file, chance.bytes(chance.int(3000)), Buffer.from(`\r\n--${boundary}--\r\n`)])
  const body = isChanged && chance.oneIn(8) ? mutateBytes(chance, whole) : whole
  const type = `multipart/form-data; boundary=${boundary.replace(/[^\x21-\x7e]/g, '')}`
  const headers = { host: `127.0.0.1:${world.port}`, 'content-type': type, 'content-length': String(body.length) }
  return spoiled(chance, { method: 'POST', target: `/${world.bucket}`, headers, body })
}

export function chunkedRequest(chance, world) {
  const chunks = Array.from({ length: chance.between(1, 4) }, (_, index) => chance.bytes(index === 3 ? 100 : 8192))
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const isSigned = chance.oneIn(2)
  const path = `/${world.bucket}/chunked-${chance.int(10)}`
  const payloadHash = isSigned ? 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' : 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
  const headers = {
    host: `127.0.0.1:${world.port}`,
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': chance.oneIn(15)
      ? oddText(chance)
          .replace(/[^\x20-\x7e]/g, '')
          .slice(0, 50)
      : String(length),
    ...(isSigned ? {} : { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
  }
  const proof = signed({ method: 'PUT', path, headers, service: 's3', payloadHash })
  const framed = [...chunks, Buffer.alloc(0)].map(framer(proof, isSigned))
  if (!isSigned) framed.push(Buffer.from('x-amz-checksum-crc32:AAAAAA==\r\n'))
  const whole = Buffer.concat([...framed, Buffer.from('\r\n')])
  const body = chance.oneIn(2) ? mutateBytes(chance, whole) : whole
  return spoiled(chance, {
    method: 'PUT',
    target: path,
    headers: { ...proof.headers, 'content-length': String(body.length) },
    body,
  })
}

function framer({ signature: seed, time, scope }, isSigned) {
  let before = seed
  return (chunk) => {
    const size = chunk.length.toString(16)
    const end = chunk.length === 0 ? '' : '\r\n'
    if (!isSigned) return Buffer.concat([Buffer.from(`${size}\r\n`), chunk, Buffer.from(end)])
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', time, scope, before, sha256(''), sha256(chunk)].join('\n')
    before = hmac(signingKey('test', time.slice(0, 8), 's3'), text).toString('hex')
    return Buffer.concat([Buffer.from(`${size};chunk-signature=${before}\r\n`), chunk, Buffer.from(end)])
  }
}

/** Bytes that are HTTP, nearly HTTP, or nothing. */
export function garbage(chance, world) {
  const host = `Host: 127.0.0.1:${world.port}\r\n`
  const authorization = longText(chance, 60_000).replace(/[^\x20-\x7e]/g, '')
  const made = [
    () => chance.bytes(chance.between(1, 2000)),
    () => Buffer.from(`GET / HTTP/1.1\r\n${host}Host: evil.test\r\n\r\n`),
    () => Buffer.from(`GET ${longText(chance, 70_000)} HTTP/1.1\r\n${host}\r\n`),
    () => Buffer.from(`PUT /${world.bucket}/x HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`),
    () =>
      Buffer.from(
        `PUT /${world.bucket}/x HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n`,
      ),
    () =>
      Buffer.from(`PUT /${world.bucket}/x HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`),
    () => Buffer.from(`GET / HTTP/1.0\r\n\r\n`),
    () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    () => Buffer.from(`GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`),
    () => Buffer.from(`CONNECT evil.test:443 HTTP/1.1\r\n${host}\r\n`),
    () =>
      Buffer.from(
        `OPTIONS * HTTP/1.1\r\n${host}Origin: http://evil.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n`,
      ),
    () => Buffer.from(`GET http://127.0.0.1/${world.bucket} HTTP/1.1\r\n${host}\r\n`),
    () => Buffer.from(`GET / HTTP/1.1\r\n${host}Authorization: ${authorization}\r\n\r\n`),
    () =>
      Buffer.from(
        `PUT /${world.bucket}/x HTTP/1.1\r\n${host}x-amz-copy-source: ${authorization}\r\nContent-Length: 0\r\n\r\n`,
      ),
    () =>
      Buffer.from(`POST / HTTP/1.1\r\n${host}X-Amz-Target: TrentService.ListKeys\r\nContent-Length: 900000\r\n\r\n{`),
    () => toBytes({ method: oddText(chance), target: oddText(chance), headers: [[oddText(chance), oddText(chance)]] }),
  ]
  const bytes = chance.pick(made)()
  return { bytes: chance.oneIn(3) ? mutateBytes(chance, bytes) : bytes, method: 'GET', isWhole: false, what: 'garbage' }
}
