import { expect, test } from '@jest/globals'
import { openBlobs } from '../../store/blobs.ts'
import { Database } from '../../store/database.ts'
import { encodeKey, formatVersion, recordKind } from '../../store/keyspace.ts'
import { type Entry, formatName } from '../../store/state.ts'
import { RecordReader } from '../verify/record-reader.ts'
import { ImportedState } from './import-state.ts'

const rootKeys = recordKind<unknown>()('rootKey', ['string'])
const trails = recordKind<unknown>()('trail', ['string', 'string', 'string'])
const aliases = recordKind<unknown>()('alias', ['string', 'string', 'string'])
const own = encodeKey(rootKeys, ['own'])
const trail = encodeKey(trails, ['000000000000', 'us-east-1', 'all'])
const alias = encodeKey(aliases, ['000000000000', 'us-east-1', 'alias/a\nb'])

/** The records of a file that has these, and no bodies. */
async function imported(entries: readonly Entry[], format = formatVersion): Promise<Entry[]> {
  const file = {
    header: { content: 'everything' as const, format, version: '1', created: 0, reserved: 9 },
    async *entries() {
      yield entries.map(([name, text]) => ({ type: 'record' as const, name, text }))
    },
    close: async () => undefined,
  }
  const state = await new ImportedState(file, await openBlobs(await Database.open({})), new RecordReader()).takeBodies()
  const found: Entry[] = []
  for await (const page of state.records()) found.push(...page)
  return found
}

test('Records come as they are in the file', async () => {
  const entries: Entry[] = [
    [formatName, String(formatVersion)],
    [alias, '{"targetKeyId":"a","creationDate":0,"lastUpdatedDate":0,"more":1}'],
    [own, '"c2VjcmV0"'],
  ]
  expect(await imported(entries)).toEqual(entries)
})

test.each([
  ['no text', trail, ''],
  ['no JSON', trail, 'name: all'],
  ['a JSON that is cut', trail, '{"name":"al'],
  ['bytes that were no UTF-8', trail, '\ufffd'],
  ['nothing', trail, 'null'],
  ['nested so deeply that reading it takes seconds', trail, '['.repeat(2 << 20) + ']'.repeat(2 << 20)],
  ['longer than any', trail, `"${'x'.repeat(17 << 20)}"`],
  ['another format than the file says', formatName, '99'],
  ['no format', formatName, '{}'],
  ['a root key that is no text', own, '{}'],
])(
  'A record that is %s is refused before anything changes: the next start could not read it',
  async (_, name, text) => {
    await expect(imported([[name, text]])).rejects.toThrow('The file is damaged or not whole')
  },
)

test.each([
  [
    'of another shape',
    alias,
    '{"targetKeyId":1}',
    '"alias 000000000000 us-east-1 alias/a\\nb": .targetKeyId is no text',
  ],
  ['no object', trail, '[]', '"trail 000000000000 us-east-1 all": it is no object'],
  ['under a key that is none of its kind', `${aliases.prefix}x`, '{}', ': its key is not one of its kind'],
  ['of no kind', '\ufffdx', '{}', ': it is of no kind that is known'],
])('A record that is %s is refused with its name: who reads it would fail at it', async (_, name, text, words) => {
  const refusal = 'The file, which s3kms-emu 1 wrote, has a record that this version cannot read: '
  const failure = await imported([[name, text]]).catch(({ message }) => message)
  expect(failure).toContain(refusal)
  expect(failure).toContain(words)
})

test('Records of an older format are not held against the shapes of today', async () => {
  expect(await imported([[alias, '{"targetKeyId":1}']], formatVersion - 1)).toEqual([[alias, '{"targetKeyId":1}']])
})
