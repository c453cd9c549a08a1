type Content = string | readonly Content[] | { [name: string]: Content }

/** An XML document of S3's: members become elements, lists repeat theirs. */
export function xml(root: string, content: Content): string {
  const document = new DOMParser().parseFromString(`<${root}/>`, 'application/xml')
  fill(document.documentElement, content)
  return new XMLSerializer().serializeToString(document)
}

function fill(element: Element, content: Content): void {
  if (typeof content === 'string') {
    element.textContent = content
    return
  }
  for (const [name, value] of Object.entries(content)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      const child = element.ownerDocument.createElement(name)
      fill(child, each)
      element.append(child)
    }
  }
}
