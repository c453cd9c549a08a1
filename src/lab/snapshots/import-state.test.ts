import { expect, test } from '@jest/globals'
import { openBlobs } from '../../store/blobs.ts'
import { Database } from '../../store/database.ts'
import { encodeKey, formatVersion, recordKind } from '../../store/keyspace.ts'
import { type Entry, formatName } from '../../store/state.ts'
import { ImportedState } from './import-state.ts'

const rootKeys = recordKind<unknown>()('rootKey', ['string'])
const trails = recordKind<unknown>()('trail', ['string', 'string', 'string'])
const own = encodeKey(rootKeys, ['own'])
const trail = encodeKey(trails, ['000000000000', 'us-east-1', 'all'])

/** The records of a file that has these, and no bodies. */
async function imported(entries: readonly Entry[]): Promise<Entry[]> {
  const file = {
    header: { content: 'everything' as const, format: formatVersion, version: '1', created: 0, reserved: 9 },
    async *entries() {
      yield entries.map(([name, text]) => ({ type: 'record' as const, name, text }))
    },
    close: async () => undefined,
  }
  const state = await new ImportedState(file, await openBlobs(await Database.open({}))).takeBodies()
  const found: Entry[] = []
  for await (const page of state.records()) found.push(...page)
  return found
}

test('Records come as they are in the file', async () => {
  const entries: Entry[] = [
    [formatName, String(formatVersion)],
    [own, '"c2VjcmV0"'],
    [trail, '{}'],
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
