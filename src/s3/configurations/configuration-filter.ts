import type { AwsError } from '../../aws/errors.ts'
import { Tag } from '../documents/tagging.ts'
import { flattened, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'

/*
 * Which objects a configuration is about: exactly one of a prefix, a tag, or `And` with at least two of them.
 */

const And = structure({ Prefix: string(), Tags: flattened('Tag', Tag) })

export const ConfigurationFilter = structure({ Prefix: string(), Tag, And })

type Filter = ValueOf<typeof ConfigurationFilter> & {
  AccessPointArn?: string
  And?: ValueOf<typeof And> & { AccessPointArn?: string }
}

/**
 * @param filter undefined: all objects
 * @param tooFew AWS's error for an `And` of less than two
 * @throws AwsError MalformedXML for none or several
 */
export function checkFilter(filter: Filter | undefined, tooFew: () => AwsError = s3Errors.MalformedXML): void {
  if (!filter) return
  if (Object.keys(filter).length !== 1) throw s3Errors.MalformedXML()
  if (!filter.And) return
  const { Tags = [], ...others } = filter.And
  if (Tags.length + Object.keys(others).length < 2) throw tooFew()
}
