import { encode, queryText, sha256, signed } from '../signature.mjs'
import { toBytes } from '../wire.mjs'
import { mutateBytes, mutateText, oddText } from './mutations.mjs'

const administrator = { user: 'test', secret: 'test' }

/**
 * Signs a request, or not, or spoils it afterwards, and says whether HTTP's framing is whole.
 * @param {{ method: string, path: string, query?: [string, string][], headers?: Record<string, string>, body?: Buffer,
 *   service: string, payloadHash?: string, signer?: { user: string, secret: string, token?: string } }} request decoded path and
 *   query; who signs, an administrator unless given
 * @returns {{ bytes: Buffer, method: string, isWhole: boolean, what: string }}
 */
export function finish(chance, world, request) {
  const { method, query = [], body = Buffer.alloc(0), service, signer = administrator } = request
  const path = request.path.split('/').map(encodeSafely).join('/')
  const headers = { ...request.headers, host: `127.0.0.1:${world.port}` }
  if (signer.token) headers['x-amz-security-token'] = signer.token
  const isSigned = !chance.oneIn(8)
  const text = query.map(([name, value]) => [wellFormed(name), wellFormed(value)])
  const payloadHash = request.payloadHash ?? sha256(body)
  const all = isSigned
    ? signed({ method, path, query: text, headers, service, payloadHash, ...signer }).headers
    : headers
  const target = text.length > 0 ? `${path}?${queryText(text)}` : path
  return spoiled(chance, { method, target, headers: { ...all, 'content-length': String(body.length) }, body })
}

/** Once in a while something changes behind the signature: the target, a header, a header more, the body, the framing. */
export function spoiled(chance, { method, target, headers, body }) {
  const list = Object.entries(headers)
  let address = target
  let sent = body
  switch (chance.int(40)) {
    case 0:
      address = mutateText(chance, target)
      break
    case 1: {
      const at = chance.int(list.length)
      list[at] = [list[at][0], mutateText(chance, list[at][1])]
      break
    }
    case 2:
      list.push([chance.pick(list)[0], oddText(chance)])
      break
    case 3:
      list.splice(chance.int(list.length), 1)
      break
    case 4:
      sent = mutateBytes(chance, body)
      break
    case 5:
      list.push(['expect', '100-continue'])
      break
    case 6:
      list.push(['transfer-encoding', chance.pick(['chunked', 'gzip', 'chunked, chunked'])])
      break
    default:
  }
  const bytes = toBytes({ method, target: address, headers: list, body: sent })
  return { bytes, method, isWhole: isWhole(address, list, sent), what: `${method} ${address.slice(0, 100)}` }
}

/** Whether a server must find the end of it where we do. */
function isWhole(target, headers, body) {
  const named = (wanted) => headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  const lengths = named('content-length')
  const isFramed = lengths.length === 1 && lengths[0] === String(body.length) && named('transfer-encoding').length === 0
  const isPlain =
    /^\/[\x21-\x7e]*$/.test(target) && headers.every(([, value]) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
  return isFramed && isPlain && named('host').length === 1 && named('upgrade').length + named('connection').length === 0
}

/** Text without halves of characters: those have no encoding. */
export function wellFormed(text) {
  return text.toWellFormed()
}

function encodeSafely(text) {
  return encode(wellFormed(text))
}

/** What a header can carry at all: a client that sent anything else would break HTTP, which another surface tries. */
export function headerText(text) {
  return text.replace(/[^\x20-\x7e\x80-\xff]/g, '').slice(0, 8000)
}
