import { list, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { notPendingDeletion } from '../key-state.ts'
import type { Tag } from '../keys/key.ts'
import { putKey } from '../keys/key-store.ts'
import { kmsOperation } from '../operation.ts'
import { limited, pageOf, positionOfMarker } from '../pages.ts'
import { KeyId, Limit, Marker, TagKey, Tags } from '../shapes.ts'

const tagsPerKey = 50

export const TagResource = kmsOperation({
  name: 'TagResource',
  input: structure({ KeyId: required(KeyId), Tags: required(Tags) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: notPendingDeletion,
  audit: { request: ['KeyId', 'Tags'] },
  handle({ transaction }, { input, targets: [{ key }] }) {
    const tags = checkTags(key.tags, input.Tags)
    putKey(transaction, { ...key, tags })
    return undefined
  },
})

export const UntagResource = kmsOperation({
  name: 'UntagResource',
  input: structure({ KeyId: required(KeyId), TagKeys: required(list(TagKey)) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: notPendingDeletion,
  audit: { request: ['KeyId', 'TagKeys'] },
  handle({ transaction }, { input: { TagKeys }, targets: [{ key }] }) {
    const tags = key.tags.filter(({ TagKey }) => !TagKeys.includes(TagKey))
    putKey(transaction, { ...key, tags })
    return undefined
  },
})

export const ListResourceTags = kmsOperation({
  name: 'ListResourceTags',
  input: structure({ KeyId: required(KeyId), Limit, Marker }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId', 'Limit', 'Marker'] },
  async handle(_call, { input, targets: [{ key }] }) {
    const after = positionOfMarker(input.Marker)
    const sorted = [...key.tags].sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1))
    const behind = after === undefined ? sorted : sorted.filter(({ TagKey }) => TagKey > after)
    const limit = limited(input.Limit, { usual: tagsPerKey, most: tagsPerKey })
    const { rows, ...paging } = await pageOf(behind, limit, ({ TagKey }) => TagKey)
    return { output: { Tags: rows, ...paging } }
  },
})

/**
 * The tags a key has once `added` are set.
 * @throws AwsError TagException in AWS's words (evidence: kms-tags)
 */
export function checkTags(present: readonly Tag[], added: readonly Tag[]): Tag[] {
  const names = new Set(added.map(({ TagKey }) => TagKey))
  if (names.size < added.length) throw kmsErrors.TagException('Duplicate tag keys')
  if ([...names].some((name) => /^aws:/i.test(name))) {
    throw kmsErrors.TagException('Tags beginning with aws: are reserved')
  }
  const tags = [...present.filter(({ TagKey }) => !names.has(TagKey)), ...added]
  if (tags.length > tagsPerKey) throw kmsErrors.TagException('Too many tags')
  return tags
}
