import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openKms, refusal } from '../kms.fixture.ts'
import { canonicalContext } from './encryption-context.ts'

/** Texts that are easily confused: prototype names, nothing, NUL, composed and decomposed letters, case, order. */
const text = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    '\0',
    '\u00e9',
    'e\u0301',
    'a',
    'A',
    'ab',
    'b',
    '\u{1f511}',
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
)
const pairs = fc.uniqueArray(fc.tuple(text, text), { maxLength: 4, selector: ([key]) => key })

/** As JSON brings it: `__proto__` an own key. */
function contextOf(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries)
}

function sameContext(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
}

test('Decrypt succeeds exactly when the EncryptionContext equals', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const Plaintext = Buffer.from('secret')
  const property = fc.asyncProperty(pairs, pairs, async (sealing, opening) => {
    const EncryptionContext = contextOf(sealing)
    const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext, EncryptionContext })
    const decrypt = (context: object) => refusal(call('Decrypt', { CiphertextBlob, EncryptionContext: context }))
    expect(await decrypt(contextOf([...sealing].reverse()))).toBe('no refusal')
    const other = contextOf(opening)
    const expected = sameContext(EncryptionContext, other) ? 'no refusal' : 'InvalidCiphertextException: '
    expect(await decrypt(other)).toBe(expected)
  })
  await fc.assert(property, { numRuns: 150 })
})

test('two contexts have one canonical form exactly when they are equal', () => {
  const property = fc.property(pairs, pairs, (one, two) => {
    const [a, b] = [contextOf(one), contextOf(two)]
    expect(canonicalContext(a).equals(canonicalContext(b))).toBe(sameContext(a, b))
  })
  fc.assert(property)
})

test('an empty context is no context', () => {
  expect(canonicalContext({})).toEqual(canonicalContext(undefined))
})

test('Pairs stand in the order of their bytes, whatever the characters', () => {
  const keys = [
    '\u{1f600}',
    '\uffff',
    '\ue000',
    '\ud7ff',
    'é',
    'z',
    'a',
    'a\u{1f600}',
    'a\uffff',
    'ab',
    'a\u{10ffff}',
    '\u{1f601}',
  ]
  const order = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const form = canonicalContext(Object.fromEntries(keys.map((key) => [key, ''])))
  const expected = order.map((key) => {
    const bytes = Buffer.from(key)
    const frame = Buffer.alloc(bytes.length + 8)
    frame.writeUInt32BE(bytes.length)
    bytes.copy(frame, 4)
    return frame
  })
  expect(form.subarray(4)).toEqual(Buffer.concat(expected))
})
