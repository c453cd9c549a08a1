import { parseXml, XmlMalformed } from '../../protocol/rest-xml.ts'
import { Tagging } from '../documents/tagging.ts'
import { s3Errors } from '../errors.ts'
import { checkTags, objectTagRules, tagHeaderOf } from '../objects/tags.ts'

/**
 * A form gives tags as an XML document. What comes out is what `x-amz-tagging` would say, because access and write read that.
 * A document that is none of tags gives none (evidence: s3-object-tagging).
 * @throws AwsError MalformedXML, BadRequest, InvalidTag
 */
export async function tagHeaderOfForm(document: string): Promise<string> {
  const root = /<([A-Za-z_][\w.:-]*)/.exec(document)?.[1] ?? ''
  const content = await parseXml(document, root).catch((error: unknown) => {
    throw error instanceof XmlMalformed ? s3Errors.MalformedXML() : error
  })
  if (root !== 'Tagging') return ''
  const { TagSet = [] } = Tagging.read(content)
  checkTags(TagSet, objectTagRules)
  return tagHeaderOf(TagSet)
}
