import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  blob,
  boolean,
  enumeration,
  examine,
  type Fault,
  integer,
  list,
  pathWords,
  required,
  string,
  stringMap,
  structure,
  timestamp,
  validate,
} from './shapes.ts'

const Tag = structure({ TagKey: required(string({ min: 1, max: 4 })), TagValue: string() })
const Input = structure({
  KeyId: required(string({ min: 1 })),
  NumberOfBytes: integer({ min: 1, max: 1024 }),
  KeySpec: enumeration(['AES_256', 'AES_128']),
  AliasName: string({ pattern: '^[a-z/]+$' }),
  Plaintext: blob({ min: 1, max: 4, sensitive: true }),
  Tags: list(Tag, { max: 2 }),
  EncryptionContext: stringMap({ characters: 8192 }),
  DryRun: boolean(),
  ValidTo: timestamp(),
})

function words(input: unknown): string {
  try {
    validate(Input, input)
  } catch (error) {
    return String(error)
  }
  return 'valid'
}

const one = 'ValidationException: 1 validation error detected: '

test('a valid input is read into typed values, unknown and null members passed over', () => {
  const input = validate(Input, { KeyId: 'k', Plaintext: 'AQI=', ValidTo: 1.5, DryRun: null, Other: 1 })
  expect(input).toEqual({ KeyId: 'k', Plaintext: Buffer.of(1, 2), ValidTo: 1500 })
})

test.each([
  [{}, "Value null at 'keyId' failed to satisfy constraint: Member must not be null"],
  [
    { KeyId: 'k', NumberOfBytes: 0 },
    "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    { KeyId: 'k', NumberOfBytes: 1025 },
    "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
  ],
  [
    { KeyId: 'k', Plaintext: 'AQIDBAU=' },
    "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4",
  ],
  [
    { KeyId: 'k', KeySpec: 'X' },
    "Value 'X' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
  ],
  [
    { KeyId: 'k', AliasName: 'A' },
    "Value 'A' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z/]+$",
  ],
  [
    { KeyId: 'k', Tags: [{ TagKey: 'ok' }, { TagKey: 'abcde' }] },
    "Value 'abcde' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 4",
  ],
])('%j is refused in the words AWS has for it', (input, sentence) => {
  expect(words(input)).toBe(one + sentence)
})

test('several faults are told in one message', () => {
  expect(words({ KeyId: '', NumberOfBytes: 0 })).toBe(
    "ValidationException: 2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
  )
})

test.each([
  ['text', 'START_'],
  [[], 'START_LIST'],
  [{ KeyId: 7 }, 'NUMBER_VALUE can not be converted to a String'],
  [{ KeyId: 'k', NumberOfBytes: '7' }, 'STRING_VALUE can not be converted to an Integer'],
  [{ KeyId: 'k', NumberOfBytes: 1.5 }, 'NUMBER_VALUE can not be converted to an Integer'],
  [{ KeyId: 'k', Tags: {} }, 'START_MAP can not be converted to a List'],
  [{ KeyId: 'k', KeySpec: true }, 'TRUE_VALUE can not be converted to a String'],
  [{ KeyId: 'k', KeySpec: false }, 'FALSE_VALUE can not be converted to a String'],
  [{ KeyId: 'k', Plaintext: 1 }, 'NUMBER_VALUE can not be converted to a Blob'],
  [{ KeyId: 'k', ValidTo: 'soon' }, 'STRING_VALUE can not be converted to a Timestamp'],
  [{ KeyId: 'k', ValidTo: 8.64e12 + 1 }, 'NUMBER_VALUE can not be converted to a Timestamp'],
  [{ KeyId: 'k', ValidTo: -8.64e12 - 1 }, 'NUMBER_VALUE can not be converted to a Timestamp'],
  [{ KeyId: 'k', NumberOfBytes: 2 ** 53 }, 'NUMBER_VALUE can not be converted to an Integer'],
  [{ KeyId: '\ud800' }, 'STRING_VALUE holds half of a surrogate pair'],
  [{ KeyId: 'k', DryRun: 'true' }, 'STRING_VALUE can not be converted to a Boolean'],
  [{ KeyId: 'k', EncryptionContext: [] }, 'START_LIST can not be converted to a Map'],
  [{ KeyId: 'k', EncryptionContext: { a: null } }, 'NULL_VALUE can not be converted to a String'],
  [{ KeyId: 'k', EncryptionContext: { a: '\ud800' } }, 'half of a surrogate pair'],
  [{ KeyId: 'k', EncryptionContext: { '\udc00': 'a' } }, 'half of a surrogate pair'],
  [{ KeyId: 'k', Plaintext: 'not base64!' }, 'Invalid base64'],
  [{ KeyId: 'k', Plaintext: '____' }, 'Invalid base64'],
])('%j is a SerializationException', (input, sentence) => {
  const message = words(input)
  expect(message).toContain('SerializationException: ')
  expect(message).toContain(sentence === 'START_' ? 'can not be converted to a Structure' : sentence)
})

test('a string map keeps __proto__ as a key like any other', () => {
  const map = validate(stringMap({ characters: 8192 }), JSON.parse('{"__proto__":"x","a":"b"}'))
  expect(Object.entries(map)).toEqual([
    ['__proto__', 'x'],
    ['a', 'b'],
  ])
  expect(Object.getPrototypeOf(map)).toBeNull()
})

test('faults are data: a path in declared names, positions from 0, and the words', () => {
  const { faults } = examine(Input, { KeyId: 'k', Tags: [{}, { TagKey: 5 }] })
  expect(faults).toEqual([
    { path: ['Tags', 0, 'TagKey'], kind: 'constraint', words: 'Member must not be null', value: null },
    { path: ['Tags', 1, 'TagKey'], kind: 'type', words: 'NUMBER_VALUE can not be converted to a String' },
  ])
  expect(pathWords(faults[0]?.path ?? [])).toBe('tags.1.member.tagKey')
})

test('a closed structure refuses members it has no name for', () => {
  const closed = structure({ a: string() }, { closed: true })
  expect(examine(closed, { a: 'x', b: 1, constructor: 2 }).faults.map(({ path }) => path)).toEqual([
    ['b'],
    ['constructor'],
  ])
})

test('any JSON is either read or refused with an AwsError', () => {
  const members = Object.keys(Input.description.members ?? {})
  const inputs = fc.oneof(fc.jsonValue(), fc.record(Object.fromEntries(members.map((name) => [name, fc.jsonValue()]))))
  fc.assert(fc.property(inputs, (input) => /^(valid|SerializationE|ValidationE)/.test(words(input))))
})

test('a list of objects that only look like objects is refused, not a fault of ours', () => {
  expect(words({ KeyId: 'k', Tags: [{ toString: 1 }, 2, 3] })).toContain('SerializationException')
  const deep = JSON.parse(`${'['.repeat(100000)}${']'.repeat(100000)}`)
  expect(words({ KeyId: 'k', Tags: deep })).toContain('SerializationException')
})

test.each(['QQ', 'QQ=', 'Q===', 'QQ==QQ==', 'Q-==', '_w==', 'Q Q=', 'QQ==\n', ' QQ==', 'QQ=a', '====', 'QUJD!', 'é'])(
  'A blob that is no base64 is refused: %j',
  (text) => {
    const faults: Fault[] = []
    blob().read(text, faults)
    expect(faults.map(({ words }) => words)).toEqual(['Invalid base64 encoded data'])
  },
)

test('Faults are told up to a hundred, and so many items of a list that is too long', () => {
  const tags = list(Tag, { max: 3 })
  const { faults } = examine(
    tags,
    Array.from({ length: 10_000 }, () => ({})),
  )
  expect(faults).toHaveLength(100)
  expect(faults[0]?.value).toBe(`[${Array.from({ length: 100 }, () => 'object').join(', ')}]`)
  const pairs = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index]))
  expect(examine(stringMap({ characters: 8192 }), pairs).faults).toHaveLength(100)
})

test('What lies at a limit is allowed', () => {
  const input = {
    KeyId: 'k',
    NumberOfBytes: 1024,
    KeySpec: 'AES_128',
    AliasName: 'alias/a',
    Plaintext: 'AQIDBA==',
    Tags: [{ TagKey: 'abcd' }, { TagKey: 'a', TagValue: '' }],
    EncryptionContext: { '': '' },
    DryRun: false,
    ValidTo: 8.64e12,
  }
  expect(validate(Input, input)).toEqual({ ...input, Plaintext: Buffer.of(1, 2, 3, 4), ValidTo: 8.64e15 })
  expect(words({ KeyId: 'k', NumberOfBytes: 1, ValidTo: -8.64e12 })).toBe('valid')
  const bytes = Buffer.of(1)
  expect(validate(Input, { KeyId: 'k', Plaintext: bytes }).Plaintext).toBe(bytes)
})

test('Lists and sensitive values beyond a limit are told, the values of the latter not', () => {
  expect(words({ KeyId: 'k', Tags: [{ TagKey: 'a' }, { TagKey: 'b' }, { TagKey: 'c' }] })).toBe(
    `${one}Value '[object, object, object]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 2`,
  )
  const names = list(string(), { min: 2, max: 3 })
  expect(examine(names, ['a']).faults).toEqual([
    { path: [], kind: 'constraint', words: 'Member must have length greater than or equal to 2', value: '[a]' },
  ])
  expect(examine(list(integer(), { max: 1 }), [1, 2]).faults[0]?.value).toBe('[1, 2]')
  expect([examine(names, ['a', 'b']).faults, examine(names, ['a', 'b', 'c']).faults]).toEqual([[], []])
  expect(words({ KeyId: 'k', Plaintext: '' })).toBe(
    `${one}Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1`,
  )
  const secret = string({ min: 2, pattern: '^b+$', sensitive: true })
  expect(examine(secret, 'a').faults.map(({ value }) => value)).toEqual([undefined, undefined])
})

test('A shape says what the model has of it', () => {
  const description = ({
    description: { item: _, members: __, ...rest },
  }: {
    description: object & { item?: unknown; members?: unknown }
  }) => rest
  expect(description(Tag)).toEqual({ type: 'structure' })
  expect(description(list(Tag, { min: 1, max: 2 }))).toEqual({ type: 'list', min: 1, max: 2 })
  expect(description(stringMap({ characters: 8192 }))).toEqual({ type: 'map' })
  expect(description(string({ min: 1, pattern: 'a' }))).toEqual({ type: 'string', min: 1, pattern: 'a' })
  expect(description(enumeration(['a']))).toEqual({ type: 'string', values: ['a'] })
  expect(description(integer({ max: 3 }))).toEqual({ type: 'integer', min: undefined, max: 3 })
  expect(description(boolean())).toEqual({ type: 'boolean' })
  expect(description(blob({ sensitive: true }))).toEqual({ type: 'blob', sensitive: true })
  expect(description(timestamp())).toEqual({ type: 'timestamp' })
})

test('of a map that is too long no more is read than shows it', () => {
  const shape = structure({ Context: stringMap({ characters: 6 }) })
  expect(validate(shape, { Context: { ab: 'c', de: 'f' } })).toEqual({ Context: { ab: 'c', de: 'f' } })
  const pairs = {
    ab: 'c',
    de: 'fg',
    ...Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, 1])),
  }
  expect(() => validate(shape, { Context: pairs })).toThrow(
    "1 validation error detected: Value at 'context' failed to satisfy constraint: Member must have length less than or equal to 6",
  )
})
