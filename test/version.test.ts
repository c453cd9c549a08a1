import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { run } from './clients/programs.ts'

/* What the built program says of itself. */

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const { version, bin } = JSON.parse(readFileSync(path('package.json'), 'utf8'))

async function toldBy(program: string, ...words: string[]): Promise<string> {
  const environment = { ...process.env, NODE_OPTIONS: '' }
  const { code, stdout } = await run(process.execPath, [path(program), ...words], { env: environment })
  expect(code).toBe(0)
  return stdout
}

const told = (...words: string[]) => toldBy('dist/s3kms-emu.cjs', ...words)

test('version is that of package.json, with what it runs on for programs', async () => {
  expect(await told('--version')).toBe(`${version}\n`)
  expect(await told('version')).toBe(`${version}\n`)
  const { platform, arch, versions } = process
  expect(JSON.parse(await told('version', '--json'))).toEqual({ version, node: versions.node, platform, arch })
})

test('The program that a package installs is the bundle', async () => {
  expect(await toldBy(bin['s3kms-emu'], 'version')).toBe(`${version}\n`)
})

test('version --notice has a licence of every package that is bundled, and of LevelDB', async () => {
  const notice = await told('version', '--notice')
  const listed = [...notice.matchAll(/^ {2}(\S+(?: \d\S*)?(?: \(in classic-level\))?): (\S+)$/gm)]
  expect(listed.map(([, title = '']) => title.split(' ')[0])).toEqual(
    expect.arrayContaining(['level', 'classic-level', 'commander', 'hono', 'yaml', 'LevelDB', 'Snappy']),
  )
  const chapters = listed.filter(([, title = '', license]) => notice.includes(`\n${title} (${license})\n`))
  expect(chapters).toEqual(listed)
  expect(notice).not.toContain('Its package has no text of it.')
})
