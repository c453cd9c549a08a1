/*
 * XML of requests, in one pass over the text:
 *
 *   <?xml …?> ─▶ <Root …> ─▶ <Child>text &amp; <![CDATA[text]]></Child> … ─▶ </Root>
 *                 one open element is one frame of a stack; text, elements and depth are counted as they come
 *
 * Of XML 1.0 what S3's documents need: elements, attributes, text, CDATA, references, comments, processing instructions.
 * A DOCTYPE is refused: with it come entities that grow without bound. Each character is looked at a fixed number of times.
 */

/** Content of an element: its text, or its children by name; a name that starts with `@` is an attribute. */
export type XmlContent = string | number | boolean | XmlElement
/** Of a parsed document: one child alone, several as a list. */
export type XmlElement = { [name: string]: XmlContent | XmlContent[] | undefined }

/** The text is not the XML document that was asked for. S3's handlers answer MalformedXML. */
export class XmlMalformed extends Error {
  override name = 'XmlMalformed'
}

/** An element that is open. */
interface Frame {
  name: string
  attributes: XmlElement | undefined
  /** Undefined until the first child element. */
  children: XmlElement | undefined
  text: string
}

const deepest = 16
const mostAttributes = 16
/** UTF-16 units of one element's text. A key of 1024 bytes takes 6144 when each is a reference. */
const longestText = 1 << 16

/** UTF-16 units of whatever stands between two tags. */
const longestPiece = 1 << 20

const nameCharacters = '[A-Za-z_:\\u00b7-\\ufffd][\\w:.\\-\\u00b7-\\ufffd]*'
const nameThere = new RegExp(nameCharacters, 'y')
const attributeThere = new RegExp(`\\s+(${nameCharacters})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y')
const tagEndThere = /\s*(\/?)>/y
/** Beyond ASCII only what XML 1.0 §2.2 forbids; halves of surrogate pairs are looked for apart. */
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/

/** Reads one document, a stretch at a time. */
export class XmlReader {
  readonly #text: string
  readonly #root: string
  #elementsLeft: number
  #position: number
  readonly #open: Frame[] = []
  #document: Frame | undefined

  /**
   * @param root the name that the root element must have
   * @param elements how many elements there may be, the root included
   */
  constructor(text: string, root: string, elements: number) {
    if (!text.isWellFormed()) throw new XmlMalformed('Half of a surrogate pair')
    this.#text = text
    this.#root = root
    this.#elementsLeft = elements
    this.#position = text.charCodeAt(0) === 0xfeff ? 1 : 0
  }

  /**
   * Reads on.
   * @param work to do at most, about: a character is one, a piece of markup 64
   * @returns whether the document has ended
   * @throws XmlMalformed
   */
  read(work: number): boolean {
    for (let left = work; this.#position < this.#text.length; ) {
      if (left <= 0) return false
      const before = this.#position
      this.#readPiece()
      left -= this.#position - before + 64
    }
    if (!this.#document) throw new XmlMalformed('The document ends too early')
    return true
  }

  /** The root element, once the document has ended. */
  get document(): XmlElement {
    const { children, text, name } = this.#document ?? { children: undefined, text: '', name: this.#root }
    if (children) return children
    if (text.trim() !== '') throw new XmlMalformed(`Text in ${name}`)
    return Object.create(null)
  }

  #readPiece(): void {
    const start = this.#position
    if (this.#text[start] !== '<') {
      const next = this.#text.indexOf('<', start)
      const end = next < 0 ? this.#text.length : next
      const raw = this.#take(end)
      if (raw.includes(']]>')) throw new XmlMalformed('The end of a literal that has no beginning')
      this.#addText(decodeText(raw))
    } else if (this.#text.startsWith('</', start)) this.#readEndTag()
    else if (this.#text.startsWith('<!--', start)) this.#readComment()
    else if (this.#text.startsWith('<![CDATA[', start)) this.#readLiteral()
    else if (this.#text[start + 1] === '?') this.#readInstruction()
    else this.#readStartTag()
  }

  /** The text from here to `end`, which is the next position. */
  #take(end: number): string {
    if (end - this.#position > longestPiece) throw new XmlMalformed('A comment, a text or white space too long')
    const taken = this.#text.slice(this.#position, end)
    if (forbidden.test(taken)) throw new XmlMalformed('A character that XML 1.0 does not allow')
    this.#position = end
    return taken
  }

  /** What stands before the next `ending`, which is passed over. */
  #takeUntil(ending: string, from: number): string {
    const end = this.#text.indexOf(ending, from)
    if (end < 0) throw new XmlMalformed(`There is no ${ending}`)
    this.#position = from
    const taken = this.#take(end)
    this.#position = end + ending.length
    return taken
  }

  /** Two hyphens end a comment, nothing else. */
  #readComment(): void {
    this.#takeUntil('--', this.#position + 4)
    if (this.#text[this.#position] !== '>') throw new XmlMalformed('Two hyphens in a comment')
    this.#position++
  }

  #readLiteral(): void {
    if (this.#open.length === 0) throw new XmlMalformed('Text outside the root element')
    this.#addText(normalLines(this.#takeUntil(']]>', this.#position + 9)))
  }

  /** The declaration is one too, and stands at the very beginning. */
  #readInstruction(): void {
    const isFirst = this.#position === (this.#text.charCodeAt(0) === 0xfeff ? 1 : 0)
    const target = this.#nameAt(this.#position + 2)
    if (target.toLowerCase() === 'xml' && !isFirst) throw new XmlMalformed('A declaration in the midst')
    this.#takeUntil('?>', this.#position + 2)
  }

  #readStartTag(): void {
    const name = this.#nameAt(this.#position + 1)
    if (this.#document) throw new XmlMalformed('Two root elements')
    if (this.#open.length === 0 && name !== this.#root) throw new XmlMalformed(`The root element is not ${this.#root}`)
    if (--this.#elementsLeft < 0) throw new XmlMalformed('Too many elements')
    if (this.#open.length === deepest) throw new XmlMalformed('Elements too deep in one another')
    const parent = this.#open.at(-1)
    if (parent) beginChild(parent)
    this.#position += 1 + name.length
    const frame: Frame = { name, attributes: this.#readAttributes(), children: undefined, text: '' }
    tagEndThere.lastIndex = this.#position
    const end = tagEndThere.exec(this.#text)
    if (!end) throw new XmlMalformed(`The tag of ${name} does not end`)
    this.#position = tagEndThere.lastIndex
    if (end[1] === '/') this.#close(frame)
    else this.#open.push(frame)
  }

  #readAttributes(): XmlElement | undefined {
    let attributes: XmlElement | undefined
    for (let count = 0; ; count++) {
      attributeThere.lastIndex = this.#position
      const [whole, name, double, single] = attributeThere.exec(this.#text) ?? []
      if (whole === undefined) return attributes
      if (count === mostAttributes) throw new XmlMalformed('Too many attributes')
      attributes ??= Object.create(null) as XmlElement
      if (`@${name}` in attributes) throw new XmlMalformed(`The attribute ${name} twice`)
      this.#take(this.#position + whole.length)
      attributes[`@${name}`] = decodeText(double ?? single ?? '')
    }
  }

  #readEndTag(): void {
    const frame = this.#open.pop()
    const name = this.#nameAt(this.#position + 2)
    if (frame?.name !== name) throw new XmlMalformed(`The element ${name} ends and was not open`)
    tagEndThere.lastIndex = this.#position + 2 + name.length
    if (tagEndThere.exec(this.#text)?.[1] !== '') throw new XmlMalformed(`The tag of ${name} does not end`)
    this.#position = tagEndThere.lastIndex
    this.#close(frame)
  }

  #close(frame: Frame): void {
    const parent = this.#open.at(-1)
    if (parent?.children) addChild(parent.children, frame)
    else this.#document = frame
  }

  #addText(text: string): void {
    const frame = this.#open.at(-1)
    if (!frame || frame.children) {
      if (text.trim() !== '') throw new XmlMalformed(frame ? 'Mixed text' : 'Text outside the root element')
      return
    }
    frame.text += text
    if (frame.text.length > longestText) throw new XmlMalformed('A text too long')
  }

  #nameAt(position: number): string {
    nameThere.lastIndex = position
    const name = nameThere.exec(this.#text)?.[0]
    if (name === undefined) throw new XmlMalformed('A name is missing, or markup that is refused')
    return name
  }
}

/** An element has child elements or text. Its attributes are given only together with children. */
function beginChild(parent: Frame): void {
  if (parent.children) return
  if (parent.text.trim() !== '') throw new XmlMalformed('Mixed text')
  const children: XmlElement = Object.create(null)
  for (const name in parent.attributes) if (!name.startsWith('@xmlns')) children[name] = parent.attributes[name]
  parent.children = children
}

function addChild(siblings: XmlElement, { name, children, text }: Frame): void {
  const content = children ?? text
  const before = siblings[name]
  if (before === undefined) siblings[name] = content
  else if (Array.isArray(before)) before.push(content)
  else siblings[name] = [before, content]
}

/** XML 1.0 §2.11: however a line ended, it ends with a line feed. */
function normalLines(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The five of XML and numeric references; a bare `&` or another name is malformed. */
function decodeText(raw: string): string {
  const text = normalLines(raw)
  if (!text.includes('&')) return text
  if (text.length > 8 * longestText) throw new XmlMalformed('A text too long')
  return text.replace(/&(?:#x([0-9a-f]{1,6});|#([0-9]{1,7});|([a-z]{2,4});)?/gi, (whole, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10)
    if (code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code)
    const entity = Object.hasOwn(entities, name ?? '') ? entities[name] : undefined
    if (entity === undefined) throw new XmlMalformed(`Not an entity: ${whole}`)
    return entity
  })
}
