/*
 * Text in a header beyond ASCII (RFC 2047):
 *
 *   =?UTF-8?Q?caf=C3=A9_3?=     mostly ASCII: `_` is a space, `=XX` a byte
 *   =?UTF-8?B?w4TDlg==?=        else: base64
 *
 * S3 keeps user metadata decoded and encodes it anew where it is told; which form it takes when is that of Java's mail library,
 * whose examples in the user guide are these two (evidence: s3-header-text).
 */

const encodedWord = /=\?([A-Za-z0-9-]{1,40})\?([BbQq])\?([^?]*)\?=/g

/** A text with its encoded words decoded; one that is none, or of an unknown charset, stays as it is. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text
  // White space between two encoded words is not part of the text.
  return text
    .replace(/\?=\s{1,100}=\?/g, '?==?')
    .replace(encodedWord, (word, charset: string, form: string, content: string) => {
      const bytes = form.toUpperCase() === 'B' ? Buffer.from(content, 'base64') : bytesOfQ(content)
      return decodeBytes(bytes, charset) ?? word
    })
}

function bytesOfQ(content: string): Buffer {
  const bytes: number[] = []
  for (let index = 0; index < content.length; index++) {
    const hex = content[index] === '=' ? content.slice(index + 1, index + 3) : ''
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      index += 2
    } else if (content[index] === '_') bytes.push(0x20)
    else bytes.push(...Buffer.from(content.charAt(index)))
  }
  return Buffer.from(bytes)
}

function decodeBytes(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The text as an encoded word, unless a header can hold it as it is. */
export function encodeWord(text: string): string {
  if (isPrintable(text)) return text
  const beyond = text.length - text.replace(/[^\x20-\x7e\t]/g, '').length
  if (text.length - beyond <= beyond) return `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
  let encoded = ''
  for (const byte of Buffer.from(text)) encoded += byte === 0x20 ? '_' : plainInQ(byte)
  return `=?UTF-8?Q?${encoded}?=`
}

const special: ReadonlySet<number> = new Set(Buffer.from('=_?'))

function plainInQ(byte: number): string {
  const isPlain = byte > 0x20 && byte < 0x7f && !special.has(byte)
  return isPlain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** Printable ASCII, and tabs. */
export function isPrintable(text: string): boolean {
  return /^[\x20-\x7e\t]*$/.test(text)
}

export function isLatin1(text: string): boolean {
  return /^[\x00-\xff]*$/.test(text)
}

export function isWithoutControls(text: string): boolean {
  return /^[^\x00-\x08\x0a-\x1f\x7f]*$/.test(text)
}
