import { nextTurn } from '../event-loop.ts'
import { type XmlContent, type XmlElement, XmlReader } from './xml-reader.ts'

export { type XmlContent, type XmlElement, XmlMalformed } from './xml-reader.ts'

/**
 * XML as S3 speaks it: elements and text, hardly an attribute, one namespace. What is written here is read by xml-reader.ts,
 * which is as strict as S3 is.
 */

export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** Characters that XML 1.0 does not allow, and those a parser would change or take as markup. */
const unsafe = /[\x00-\x1f&<>"\x7f\ufffe\uffff]/g
const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeText(text: string): string {
  return text.replace(unsafe, (character) => named[character] ?? `&#x${character.charCodeAt(0).toString(16)};`)
}

/**
 * A document: declaration, root element, content. Members that are undefined are left out; lists repeat their element.
 * Characters that XML 1.0 cannot hold (a key may have them) become character references such as `&#x0;`, as on S3
 * (AWS: "Object key naming guidelines", XML related object key constraints).
 */
export function renderXml(root: string, content: XmlElement, namespace?: string): string {
  const attribute = namespace === undefined ? {} : { '@xmlns': namespace }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderElement(root, { ...attribute, ...content })}`
}

/** A member of this name has no element: it is a list of elements whose children, of several names, stand in its order. */
export const mixed = ''

function renderElement(name: string, content: XmlContent): string {
  if (typeof content !== 'object') return `<${name}>${escapeText(String(content))}</${name}>`
  let attributes = ''
  let children = ''
  for (const [member, value] of Object.entries(content)) {
    if (value === undefined) continue
    if (member.startsWith('@')) attributes += ` ${member.slice(1)}="${escapeText(String(value))}"`
    else if (Array.isArray(value)) for (const item of value) children += renderElement(member, item)
    else children += renderElement(member, value)
  }
  return name === mixed ? children : `<${name}${attributes}>${children}</${name}>`
}

/** The children of one name as a list: none, one or several. */
export function listOf(content: XmlContent | XmlContent[] | undefined): XmlContent[] {
  if (content === undefined) return []
  return Array.isArray(content) ? content : [content]
}

/** Elements of a document, where nobody says otherwise. S3's largest configurations have 1000 rules of a few elements. */
const mostElements = 20_000
/** What is read in one turn of the event loop: about 5 ms of work. */
const workOfOneTurn = 1 << 18

/**
 * Reads a document whose root element is `root`. An element without child elements is its text, untrimmed; others are
 * records of their children, with `@name` for attributes (namespace declarations left out). Prefixes stay as written.
 * A long document is read over several turns of the event loop.
 * @param elements how many there may be, the root included
 * @throws XmlMalformed for anything else: not well-formed, a DOCTYPE, an undefined entity, text between elements
 */
export async function parseXml(text: string, root: string, elements: number = mostElements): Promise<XmlElement> {
  const reader = new XmlReader(text, root, elements)
  while (!reader.read(workOfOneTurn)) await nextTurn()
  return reader.document
}
