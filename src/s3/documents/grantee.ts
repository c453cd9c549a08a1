import type { XmlElement } from '../../protocol/rest-xml.ts'
import { s3Errors } from '../errors.ts'
import { childrenOf, type XmlShape } from './xml-shapes.ts'

/** Whom a grant in a configuration is for, as it was given. */
export interface GranteeOfDocument {
  type: 'CanonicalUser' | 'Group'
  /** The canonical user id, or the URI of the group. */
  name: string
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

/** The kind of a grantee is an attribute, so that no other shape fits. E-mail addresses are no grantees any more. */
export const Grantee: XmlShape<GranteeOfDocument> = {
  description: { type: 'document' },
  read(content) {
    const element = childrenOf(content)
    const attribute = Object.keys(element).find((name) => name.startsWith('@') && name.endsWith(':type'))
    const type = attribute === undefined ? undefined : element[attribute]
    if (type === 'CanonicalUser') return { type, name: textOf(element.ID) }
    if (type === 'Group') return { type, name: textOf(element.URI) }
    throw s3Errors.MalformedXML()
  },
  write({ type, name }) {
    const named = type === 'Group' ? { URI: name } : { ID: name }
    return { '@xmlns:xsi': schemaInstance, '@xsi:type': type, ...named }
  },
}

function textOf(content: XmlElement[string]): string {
  if (typeof content === 'string' && content !== '') return content
  throw s3Errors.MalformedXML()
}
