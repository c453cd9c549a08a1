import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

/*
 * No regular expression takes more than linear time, whatever it is given: one of quadratic time over the 64 KB of a request's
 * head holds the process for seconds, before anybody has proven who he is.
 *
 *   sources ─▶ every literal, and every `new RegExp` of literal parts ─▶ texts made of what the pattern itself looks for,
 *   repeated ─▶ the time of a text and of one four times as long
 */

const root = fileURLToPath(new URL('..', import.meta.url))

interface Declared {
  place: string
  pattern: RegExp
}

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name))
  .map((name) => ({ path: join('src', name), text: readFileSync(join(root, 'src', name), 'utf8') }))

/** What stands in a source at a place: a comment, a text, a stretch of a template, or a pattern where one may stand. */
const comment = /\/\/.*|\/\*[\s\S]*?\*\//y
const quoted = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y
const template = /[`}](?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)/y
const literal = /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
/** Before a slash that begins a pattern rather than divides. */
const beforeLiteral = /(?:^|[(,=:[!&|?{};>]|\breturn)\s*$/

function patternsIn({ path, text }: { path: string; text: string }): Declared[] {
  const found: Declared[] = []
  /** Braces that are open, the innermost last: of a block, or of an expression inside a template. */
  const braces: ('block' | 'template')[] = []
  for (let at = 0; at < text.length; ) {
    const match = (pattern: RegExp) => {
      pattern.lastIndex = at
      return pattern.exec(text)?.[0]
    }
    const isTemplate = text[at] === '`' || (text[at] === '}' && braces.at(-1) === 'template')
    const stretch = isTemplate ? match(template) : (match(comment) ?? match(quoted))
    const mayBegin = stretch === undefined && beforeLiteral.test(text.slice(Math.max(0, at - 40), at))
    const pattern = mayBegin ? match(literal) : undefined
    if (pattern !== undefined) found.push({ place: `${path}: ${pattern}`, pattern: patternOf(pattern) })
    if (text[at] === '}') braces.pop()
    if (text[at] === '{') braces.push('block')
    if (isTemplate && stretch?.endsWith('${')) braces.push('template')
    at += (stretch ?? pattern ?? ' ').length
  }
  return found
}

const declared = sources.flatMap(patternsIn)

function patternOf(literal: string): RegExp {
  const end = literal.lastIndexOf('/')
  return new RegExp(literal.slice(1, end), literal.slice(end + 1))
}

/** What a pattern looks for: its runs of literal characters, an example of each class, and as many as are demanded of it. */
function piecesOf(source: string): string[] {
  const plain = source.replace(/\\([^\w])/g, '$1').replace(/\\[dwsS]/g, ' ')
  const runs = plain.match(/[\w=:;,/.%&?#@$<>'"-]{1,20}/g) ?? []
  const counted = [...source.matchAll(/\{(\d+)/g)].flatMap(([, count]) => [
    '1'.repeat(Number(count)),
    'a'.repeat(Number(count)),
  ])
  const classes = [' ', 'a', '1', '.', '/', '-', ',']
  return [...new Set([...runs.slice(0, 4), ...counted, ...classes, ...runs])]
    .filter(({ length }) => length > 0 && length <= 64)
    .slice(0, 12)
}

/** What ends a class that takes everything else. */
function endingsOf(source: string): string[] {
  const excluded = [...source.matchAll(/\[\^([^\]\\]*)/g)].flatMap(([, characters = '']) => [...characters])
  return [...new Set(['\0', '', ...excluded])].slice(0, 4)
}

/** Texts that begin as the pattern wants it, go on for long, and do not end as it wants. */
function textsFor({ source }: RegExp): ((length: number) => string)[] {
  const pieces = piecesOf(source)
  const units = ['', ...pieces].flatMap((one) => pieces.map((other) => one + other))
  const [first = ''] = pieces
  return ['', first].flatMap((prefix) =>
    endingsOf(source).flatMap((ending) =>
      units.map((unit) => (length: number) => prefix + unit.repeat(Math.ceil(length / unit.length)) + ending),
    ),
  )
}

/** ms that a pattern takes for a text, used as its flags say. */
function timeOf(pattern: RegExp, text: string): number {
  const begun = performance.now()
  if (pattern.global) text.replace(pattern, '')
  else pattern.test(text)
  return performance.now() - begun
}

/**
 * Whether a text four times as long takes much more than four times as long, each time it is tried: another process may spoil one
 * attempt. What takes next to no time is not quadratic; short texts come first, because the worst of patterns would not end
 * with long ones.
 */
function growsBeyondMeasure(pattern: RegExp, textOf: (length: number) => string): boolean {
  const grows = (length: number) => {
    const long = timeOf(pattern, textOf(length))
    return long > 0.5 && long > 8 * timeOf(pattern, textOf(length / 4))
  }
  return [1 << 10, 1 << 13].some((length) => Array.from({ length: 6 }).every(() => grows(length)))
}

/** A text for which a pattern takes more than linear time. */
function worstFor(pattern: RegExp): string | undefined {
  return textsFor(pattern).find((textOf) => growsBeyondMeasure(pattern, textOf))?.(60)
}

test.each([
  /Credential=[^,&]*?(?:\/|%2F)\d{8}(?:\/|%2F)[^/,&%]*(?:\/|%2F)([^/,&%]+)(?:\/|%2F)aws4_request/i,
  /^(.*?)(?:\?versionId=([^&]*))?$/s,
  /^\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/s,
  /\s+$/,
])('A pattern that takes more than linear time is found out: %s', (pattern) => {
  expect(worstFor(pattern)).toEqual(expect.any(String))
})

/** Patterns that are put together at run time, and of what. */
const computed = [
  // The models' own, of values that a structure of the same call has bounded: see below.
  'src/protocol/shapes.ts',
  'src/protocol/xml-reader.ts',
  // Of fixed texts: the forms of three kinds of ARNs, and the routes of S3 Control.
  'src/s3/configurations/notification-validation.ts',
  'src/s3/control/routes.ts',
]

test('There are patterns to try, and files that make others are known', () => {
  expect(declared.length).toBeGreaterThan(100)
  expect(declared.map(({ place }) => place)).toContain('src/protocol/payload-coding.ts: /^[0-9a-f]{64}$/i')
  expect(sources.filter(({ text }) => text.includes('new RegExp(')).map(({ path }) => path)).toEqual(computed)
})

test.each(declared)('$place takes linear time', ({ pattern }) => {
  expect(worstFor(pattern)).toBeUndefined()
})
