import { list, required, string, structure, type ValueOf } from './xml-shapes.ts'

export const Tag = structure({ Key: required(string()), Value: required(string()) })

export const TagSet = list('Tag', Tag)
export type Tags = ValueOf<typeof TagSet>

/** Of objects and buckets alike. A tag set that is empty or left out takes the tags away. */
export const Tagging = structure({ TagSet })
