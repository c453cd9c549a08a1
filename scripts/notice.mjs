// NOTICE: the licences of all that is in the bundle, and of LevelDB, which is in its addon. What is in it is esbuild's word (the
// inputs of its metafiles), so nothing is forgotten when the code imports another package.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Licences that ask for no more than their text beside the program. */
const permitted = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
])

/** What the addon holds beside its package's own code. */
const inAddon = [
  { name: 'LevelDB', license: 'BSD-3-Clause', file: 'deps/leveldb/leveldb-1.20/LICENSE' },
  { name: 'Snappy', license: 'BSD-3-Clause', file: 'deps/snappy/snappy/COPYING' },
]

/**
 * @param root the repository
 * @param inputs paths of the bundle's sources, from the root
 * @returns the text of NOTICE
 * @throws Error where a package may not be shipped so, or has no licence that can be named
 */
export function noticeOf(root, inputs) {
  const folders = [...new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))]
  const parts = folders.map((folder) => ofPackage(join(root, folder))).sort((a, b) => (a.title < b.title ? -1 : 1))
  const addon = join(root, 'node_modules/classic-level')
  for (const { name, license, file } of inAddon) {
    parts.push({ title: `${name} (in classic-level)`, license, text: readFileSync(join(addon, file), 'utf8') })
  }
  return textOf(parts)
}

/** For an executable, which holds Node.js too. */
export function noticeOfExecutable(notice, nodeLicense) {
  return `${notice}\n${partOf({ title: 'Node.js', license: 'MIT and others', text: nodeLicense })}`
}

function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input.replaceAll('\\', '/'))?.[0]
}

function ofPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!permitted.has(license)) throw new Error(`${name} is under ${license}: it may not be bundled without a decision`)
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
  return { title: `${name} ${version}`, license, text: text || authorsWords(folder) }
}

/** Some packages name their licence and have no file of it. */
function authorsWords(folder) {
  const readme = join(folder, 'README.md')
  const section = existsSync(readme)
    ? /^#+ licen[cs]e\s+([\s\S]*?)(?=^#|(?![\s\S]))/im.exec(readFileSync(readme, 'utf8'))
    : null
  return section?.[1].trim() || 'Its package has no text of it.'
}

function textOf(parts) {
  const names = parts.map(({ title, license }) => `  ${title}: ${license}`).join('\n')
  return `s3kms-emu is under the MIT License. It holds code of others, under their licences:\n\n${names}\n\n${parts.map(partOf).join('\n')}`
}

function partOf({ title, license, text }) {
  const line = '-'.repeat(80)
  return `${line}\n${title} (${license})\n${line}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`
}
