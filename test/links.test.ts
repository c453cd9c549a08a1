import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

/* Links between the documents: to files that are there, to headings that they have, and from the package's README to what is packed. */

const root = fileURLToPath(new URL('..', import.meta.url))
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

interface Link {
  from: string
  path: string
  heading?: string
}

function linksOf(from: string): Link[] {
  const text = withoutCode(readFileSync(join(root, from), 'utf8'))
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', heading] = target.split('#')
      return { from, path: path === '' ? from : join(dirname(from), path), heading }
    })
}

function withoutCode(text: string): string {
  return text.replace(/^(`{3,})[^`]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
}

/** As GitHub names the headings of a document. */
function headingsOf(path: string): string[] {
  const headings = readFileSync(join(root, path), 'utf8').matchAll(/^#+ +(.+)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('Every link of a document leads to a file that is there, and to a heading that it has', () => {
  const dead = documents.flatMap(linksOf).filter(({ path, heading }) => {
    if (!existsSync(join(root, path))) return true
    return heading !== undefined && !headingsOf(path).includes(heading)
  })
  expect(dead).toEqual([])
})

test('What the README of the package leads to is in the package, and what that leads to as well', () => {
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const always = ['README.md', 'LICENSE', 'package.json']
  const isPacked = (path: string) => {
    const patterns = files.map(
      (pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`),
    )
    return always.includes(path) || patterns.some((pattern) => pattern.test(path))
  }
  const packed = documents.filter(isPacked)
  expect(packed).toContain('README.md')
  const dead = packed.flatMap(linksOf).filter(({ path }) => !isPacked(path))
  expect(dead).toEqual([])
})
