import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, jest, test } from '@jest/globals'
import { run } from './program.ts'

/* What commands say of what was asked wrongly, before they ask an emulator. */

const folder = mkdtempSync(join(tmpdir(), 's3kms-cli-'))
const none = join(folder, 'none')
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  jest.restoreAllMocks()
  // A run has a process of its own, elsewhere.
  process.stdout.removeAllListeners('error')
})

/** What is written to stderr, and the exit code. */
async function told(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<[number, string]> {
  let text = ''
  jest.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    text += piece
    return true
  })
  const code = await run(['node', 's3kms-emu', ...words], environment)
  return [code, text]
}

test.each([
  [['faults', 'add', '--latency', '1.5'], "--latency must be a whole number, not '1.5'"],
  [['faults', 'add', '--probability', '2'], "--probability must be a number from 0 to 1, not '2'"],
  [['notifications', '--limit', '0'], "--limit must be a whole number above 0, not '0'"],
  [['verify', '--endpoint', 'ftp://a'], 'ftp://a is not an http or https address'],
  [['policy', 'suggest'], '--principal is missing'],
  [['audit', '--format', 'xml'], "--format must be one of table, json, markdown, sarif, not 'xml'"],
  [['trail', 'export'], '--dir names the folder to write to'],
])('%j is asked wrongly', async (words, line) => {
  expect(await told(words)).toEqual([2, `s3kms-emu: ${line}\n`])
})

test.each([['verify'], ['health'], ['doctor']])('%s names the variable whose address is none', async (command) => {
  const faulty = await told([command], { AWS_ENDPOINT_URL: 'nonsense' })
  expect(faulty).toEqual([2, 's3kms-emu: AWS_ENDPOINT_URL: nonsense is not an http or https address\n'])
})

test.each<[string[], number, string]>([
  [['import', folder], 1, `${folder} cannot be read (EISDIR)`],
  [['import', none], 1, `${none} cannot be read (ENOENT)`],
  [['export', none, '--passphrase-file', none], 2, `--passphrase-file ${none} cannot be read (ENOENT)`],
])('%j cannot be done, and no emulator is asked', async (words, code, line) => {
  expect(await told(words)).toEqual([code, `s3kms-emu: ${line}\n`])
})

test('A misspelt word behind a command that is one by itself is told as what it is', async () => {
  expect(await told(['trail', 'exprt'])).toEqual([2, expect.stringMatching(/^error: unknown command 'exprt'\n/)])
})
