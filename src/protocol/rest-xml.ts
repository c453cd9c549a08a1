/**
 * XML as S3 speaks it: elements and text, hardly an attribute, one namespace. Rendering is our own; parsing is
 * fast-xml-parser behind a wrapper that is as strict as S3 is:
 *
 *   text ──no DOCTYPE, no forbidden character──▶ validator ──▶ ordered nodes ──▶ XmlElement (text untrimmed, entities decoded)
 */

export type XmlContent = string | number | boolean | XmlElement
/** Child elements by name; a name that starts with `@` is an attribute. Of a parsed document: one child alone, several as a list. */
export type XmlElement = { [name: string]: XmlContent | XmlContent[] | undefined }

export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** The text is not the XML document that was asked for. S3's handlers answer MalformedXML. */
export class XmlMalformed extends Error {
  override name = 'XmlMalformed'
}

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
  return `<${name}${attributes}>${children}</${name}>`
}

/** The children of one name as a list: none, one or several. */
export function listOf(content: XmlContent | XmlContent[] | undefined): XmlContent[] {
  if (content === undefined) return []
  return Array.isArray(content) ? content : [content]
}

/** Beyond ASCII only what XML 1.0 §2.2 forbids: lone surrogates, U+FFFE, U+FFFF. */
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u

type OrderedNode = { [name: string]: OrderedNode[] | string | Record<string, string> }

/**
 * Reads a document whose root element is `root`. An element without child elements is its text, untrimmed; others are
 * records of their children, with `@name` for attributes (namespace declarations left out). Prefixes stay as written.
 * The parser is loaded at first use: most runs never read XML, and every run pays for start-up.
 * @throws XmlMalformed for anything else: not well-formed, a DOCTYPE, an undefined entity, text between elements
 */
export async function parseXml(text: string, root: string): Promise<XmlElement> {
  if (forbidden.test(text)) throw new XmlMalformed('A character that XML 1.0 does not allow')
  if (hasDeclaration(text)) throw new XmlMalformed('A document type declaration')
  if (!/^\ufeff?\s*<.*>\s*$/s.test(text)) throw new XmlMalformed('Text outside the root element')
  const [first, ...more] = (await orderedNodes(text)).filter((node) => !isBlank(node))
  const children = first?.[root]
  if (more.length > 0 || !Array.isArray(children)) throw new XmlMalformed(`The root element is not ${root}`)
  const content = contentOf(children, first?.[':@'])
  if (typeof content === 'object') return content
  if (content.trim() !== '') throw new XmlMalformed(`Text in ${root}`)
  return Object.create(null)
}

/** Whether there is a `<!` that begins neither a whole comment nor a whole CDATA section. */
function hasDeclaration(text: string): boolean {
  for (let start = text.indexOf('<!'); start >= 0; start = text.indexOf('<!', start)) {
    if (!text.startsWith('<!--', start) && !text.startsWith('<![CDATA[', start)) return true
    const ending = text[start + 2] === '-' ? '-->' : ']]>'
    const end = text.indexOf(ending, start + 4)
    if (end < 0) return true
    start = end + ending.length
  }
  return false
}

async function orderedNodes(text: string): Promise<OrderedNode[]> {
  const { XMLParser, XMLValidator } = await import('fast-xml-parser')
  const verdict = XMLValidator.validate(text)
  if (verdict !== true) throw new XmlMalformed(verdict.err.msg)
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    cdataPropName: '#cdata',
    ignoreDeclaration: true,
    ignorePiTags: true,
    onDangerousProperty: (name) => name,
  })
  try {
    return parser.parse(text)
  } catch (cause) {
    throw new XmlMalformed('Not well-formed', { cause })
  }
}

function isBlank(node: OrderedNode): boolean {
  const text = node['#text']
  return typeof text === 'string' && text.trim() === ''
}

function contentOf(nodes: OrderedNode[], attributes: OrderedNode[string] | undefined): string | XmlElement {
  const elements = nodes.filter((node) => !('#text' in node || '#cdata' in node))
  if (elements.length === 0) return nodes.map(textOf).join('')
  if (nodes.some((node) => !elements.includes(node) && textOf(node).trim() !== '')) throw new XmlMalformed('Mixed text')
  const result: XmlElement = Object.create(null)
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (!name.startsWith('xmlns')) result[`@${name}`] = decodeEntities(String(value))
  }
  for (const node of elements) addChild(result, node)
  return result
}

function addChild(parent: XmlElement, node: OrderedNode): void {
  for (const [name, children] of Object.entries(node)) {
    if (name === ':@' || !Array.isArray(children)) continue
    const content = contentOf(children, node[':@'])
    const before = parent[name]
    parent[name] = before === undefined ? content : [...listOf(before), content]
  }
}

function textOf(node: OrderedNode): string {
  const { '#text': text, '#cdata': literal } = node
  if (typeof text === 'string') return decodeEntities(text)
  return Array.isArray(literal) ? literal.map((inner) => String(inner['#text'] ?? '')).join('') : ''
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The five of XML and numeric references; a bare `&` or another name is malformed. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6});|#([0-9]{1,7});|([a-z]+);)?/gi, (whole, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10)
    if (code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code)
    const entity = Object.hasOwn(entities, name ?? '') ? entities[name] : undefined
    if (entity === undefined) throw new XmlMalformed(`Not an entity: ${whole}`)
    return entity
  })
}
