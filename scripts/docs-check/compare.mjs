// Compares what a document shows with what a command printed.
//
//   …            alone on a line: any lines; in a line: any text
//   ids          the same id in the document must be the same one in the output, and stands for it in later commands of the page
//   times, ports, durations, request ids, entity tags: only that there is one
//   spaces       how many does not matter

const kinds = [
  // Which one an AWS CLI sends differs from version to version.
  ['checksum', /"Checksum(?:CRC|SHA)\w+": "[^"]+"/],
  ['uuid', /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/],
  ['digest', /\b[0-9a-f]{64}\b/],
  ['tag', /\b[0-9a-f]{32}\b/],
  ['access key', /\bA[KS]IA[A-Z0-9]{16}\b/],
  ['secret', /(?<=\t|SecretAccessKey": ")[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])/],
  ['id', /\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b/],
  ['time', /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/],
  ['time', /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/],
  ['port', /(?:127\.0\.0\.1|localhost):\d+/],
  ['request', /\b(?=[A-Z]*\d)[A-Z0-9]{16}\b/],
  ['version', /(?<="VersionId": "|\t)[\w.]{32}(?![\w.])/],
  ['duration', /\b\d+(?:\.\d+)? ?(?:ms|s)\b/],
]
const known = new RegExp(kinds.map(([, pattern]) => `(${pattern.source})`).join('|'), 'g')
/** What test runners say of slow tests alone; newer AWS CLIs put their name before an error. */
const sideNotes = / \(\d+(?:\.\d+)? m?s\)|, estimated \d+ s\b/g
/** Of these two that are the same in the document are the same in the output. */
const named = new Set(['uuid', 'digest', 'id', 'version', 'access key', 'secret'])

/**
 * @returns `firstDifference`: the first line of the document that is not in the output, undefined where all are; `here`: a command of
 *   the document with the ids of this run
 */
export function openComparison() {
  const ids = new Map()
  const isSameId = (wanted, actual) => {
    if (!ids.has(wanted)) ids.set(wanted, actual)
    return ids.get(wanted) === actual
  }
  const isSameLine = (wanted, actual) => {
    const parts = wanted.split('…')
    if (parts.length === 1) return isSameText(wanted, actual, isSameId)
    const pattern = parts.map((part) =>
      tokensOf(part)
        .map(({ text, kind }) => (kind ? `(?:${kindSource(kind)})` : escaped(text)))
        .join(''),
    )
    return new RegExp(`^${pattern.join('.*')}$`).test(squeezed(actual))
  }
  const firstDifference = (expected, printed) => {
    const [wanted, actual] = [expected.map((line) => line.trimEnd()), printed.map((line) => line.trimEnd())]
    return differenceFrom(wanted, actual, 0, 0)
  }
  const here = (command) => [...ids].reduce((text, [shown, own]) => text.replaceAll(shown, own), command)
  return { firstDifference, here }

  function differenceFrom(wanted, actual, at, from) {
    if (at === wanted.length) return from === actual.length ? undefined : { at, from }
    if (wanted[at] !== '…') {
      if (from === actual.length || !isSameLine(wanted[at], actual[from])) return { at, from }
      return differenceFrom(wanted, actual, at + 1, from + 1)
    }
    let difference
    for (let skipped = from; skipped <= actual.length; skipped++) {
      difference = differenceFrom(wanted, actual, at + 1, skipped)
      if (!difference) return undefined
    }
    return difference
  }
}

function isSameText(wanted, actual, isSameId) {
  const [own, others] = [tokensOf(wanted), tokensOf(actual)]
  if (own.length !== others.length) return false
  return own.every(({ text, kind }, index) => {
    const other = others[index]
    if (kind !== other.kind) return false
    if (kind === undefined) return text === other.text
    return !named.has(kind) || isSameId(text, other.text)
  })
}

function tokensOf(line) {
  const text = squeezed(line)
  const tokens = []
  let at = 0
  for (const match of text.matchAll(known)) {
    if (match.index > at) tokens.push({ text: text.slice(at, match.index) })
    const kind = kinds[match.slice(1).findIndex((group) => group !== undefined)][0]
    tokens.push({ text: match[0], kind })
    at = match.index + match[0].length
  }
  if (at < text.length) tokens.push({ text: text.slice(at) })
  return tokens
}

function kindSource(kind) {
  return kinds
    .filter(([name]) => name === kind)
    .map(([, pattern]) => pattern.source)
    .join('|')
}

function squeezed(line) {
  return line
    .replace(/^aws: \[ERROR\]: /, '')
    .replaceAll(sideNotes, '')
    .replaceAll(/ +/g, ' ')
    .trim()
}

function escaped(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
