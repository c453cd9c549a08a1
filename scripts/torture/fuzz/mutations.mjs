/* What is done to inputs that were right. Everything hangs on the chance given, so a seed repeats it. */

const odd = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '%',
  '%00',
  '%zz',
  '%F0%9F%98%80',
  '%25%32%35',
  '+',
  '&',
  ';',
  '<',
  '"',
  "'",
  ']]>',
  '&amp;',
  '&#0;',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '00',
  '1e309',
  '9007199254740993',
  '99999999999999999999999999',
  '-0',
  '0x10',
  '1.5',
  'true',
  '[]',
  '{}',
  '*',
  '?',
  'arn:aws:kms:us-east-1:000000000000:key/',
  'arn:aws:s3:::',
  'arn:::::::::',
  'alias/',
  'alias/aws/s3',
  'aws:kms',
  'AES256',
  'bytes=0-0',
  'bytes=-0',
  'bytes=5-2',
  'bytes=0-18446744073709551616',
  '\u00e9',
  '\u{1F600}',
  '\u202e',
  '\ud800',
  '\u0000',
  '\u0001',
  '\u007f',
  '\uffff',
]

/** Something that no client sends on a good day. Once in a while it is long. */
export function oddText(chance) {
  if (!chance.oneIn(40)) return chance.pick(odd)
  return longText(chance, chance.pick([100, 1000, 8000, 40_000]))
}

/** The repeats that patterns stumble over. */
export function longText(chance, length) {
  const repeats = [
    'a',
    '/',
    ' ',
    '%41',
    '?',
    '=',
    '&',
    ',',
    '*',
    '-',
    '0',
    '{"a":',
    '[',
    '?versionId=',
    '/11111111',
    ':',
  ]
  const head = chance.pick(['', 'Credential=', 'bytes=', '/', 'arn:'])
  const repeat = chance.pick(repeats)
  return head + repeat.repeat(Math.ceil(length / repeat.length))
}

export function mutateText(chance, text) {
  const at = chance.int(text.length + 1)
  switch (chance.int(9)) {
    case 0:
      return oddText(chance)
    case 1:
      return text.slice(0, at)
    case 2:
      return text.slice(at)
    case 3:
      return text.slice(0, at) + oddText(chance) + text.slice(at)
    case 4:
      return text.slice(0, at) + text.slice(at + 1)
    case 5:
      return text + text
    case 6:
      return chance.oneIn(2) ? text.toUpperCase() : text.toLowerCase()
    case 7:
      return text.slice(0, at) + String.fromCharCode(chance.int(256)) + text.slice(at + 1)
    default:
      return [...text].reverse().join('')
  }
}

/** One place of the value, or the whole, becomes something else. */
export function mutateJson(chance, value, depth = 0) {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  if (isInner && depth < 4 && !chance.oneIn(5)) {
    const name = chance.pick(Object.keys(value))
    const copy = Array.isArray(value) ? [...value] : { ...value }
    if (chance.oneIn(6)) delete copy[name]
    else if (chance.oneIn(8)) putOwn(copy, oddText(chance), value[name])
    else copy[name] = mutateJson(chance, value[name], depth + 1)
    return copy
  }
  if (typeof value === 'string' && !chance.oneIn(4)) return mutateText(chance, value)
  if (typeof value === 'number' && !chance.oneIn(3))
    return chance.pick([0, -1, 1, 1.5, 1e21, 2 ** 31, value + 1, -value])
  return oddJson(chance)
}

/** `__proto__` is a name like any other in JSON. */
function putOwn(target, name, value) {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

function oddJson(chance) {
  switch (chance.int(9)) {
    case 0:
      return null
    case 1:
      return oddText(chance)
    case 2:
      return chance.pick([0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER])
    case 3:
      return chance.oneIn(2)
    case 4:
      return {}
    case 5:
      return []
    case 6:
      return { [oddText(chance) || 'a']: oddText(chance) }
    case 7:
      return Array.from({ length: chance.pick([1, 10, 1000]) }, () => oddText(chance).slice(0, 50))
    default:
      return nested(chance.pick([5, 100, 3000]))
  }
}

/** Written as text: JSON.stringify itself would fall over what is nested deeper. */
function nested(depth) {
  let value = 0
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

export function mutateBytes(chance, bytes) {
  const copy = Buffer.from(bytes)
  const at = chance.int(copy.length + 1)
  switch (chance.int(5)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      return Buffer.concat([copy.subarray(0, at), chance.bytes(chance.between(1, 40)), copy.subarray(at)])
    case 2:
      return Buffer.concat([copy, copy])
    case 3:
      return chance.bytes(chance.pick([0, 1, 100, 5000]))
    default:
      if (at < copy.length) copy[at] ^= 1 << chance.int(8)
      return copy
  }
}

/** Does it so many times, from none to two. */
export function sometimes(chance, value, mutate) {
  let result = value
  for (let left = chance.pick([0, 0, 1, 1, 2]); left > 0; left--) result = mutate(chance, result)
  return result
}
