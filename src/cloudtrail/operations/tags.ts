import { list, required, string, structure } from '../../protocol/shapes.ts'
import { arnNamed } from '../checks/name.ts'
import { withTags } from '../checks/tags.ts'
import { cloudTrailErrors } from '../errors.ts'
import { type CloudTrailCall, cloudTrailOperation } from '../operation.ts'
import type { TrailSettings } from '../records/kinds.ts'
import { TagsList } from '../shapes.ts'

/* Tags of trails, which are named by their ARNs alone. */

/** "The list has a limit of 20 ARNs" (ListTags, CloudTrail API reference); which error says so is assumed. */
const mostResources = 20

const input = structure({ ResourceId: required(string()), TagsList: required(TagsList) })

export const AddTags = cloudTrailOperation({
  name: 'AddTags',
  input,
  readOnly: false,
  on: (_call, { ResourceId }) => ResourceId,
  handle(call, { ResourceId, TagsList: added }) {
    const trail = findTagged(call, ResourceId)
    call.services.trails.put(call.transaction, { ...trail, tags: withTags(trail.tags, added) })
    return {}
  },
})

export const RemoveTags = cloudTrailOperation({
  name: 'RemoveTags',
  input,
  readOnly: false,
  on: (_call, { ResourceId }) => ResourceId,
  handle(call, { ResourceId, TagsList: removed }) {
    const trail = findTagged(call, ResourceId)
    const keys = new Set(removed.map(({ Key }) => Key))
    const tags = trail.tags.filter(({ Key }) => !keys.has(Key))
    call.services.trails.put(call.transaction, { ...trail, tags })
    return {}
  },
})

export const ListTags = cloudTrailOperation({
  name: 'ListTags',
  input: structure({ ResourceIdList: required(list(string())), NextToken: string() }),
  readOnly: true,
  on(_call, { ResourceIdList }) {
    // Of none it is asked too who may ask.
    if (ResourceIdList.length === 0) return '*'
    if (ResourceIdList.length <= mostResources) return ResourceIdList
    throw cloudTrailErrors.InvalidParameterException(`ResourceIdList has at most ${mostResources} ARNs.`)
  },
  handle(call, { ResourceIdList, NextToken }) {
    if (NextToken !== undefined) throw cloudTrailErrors.InvalidTokenException()
    const ResourceTagList = ResourceIdList.map((arn) => ({ ResourceId: arn, TagsList: findTagged(call, arn).tags }))
    return { ResourceTagList }
  },
})

/** @throws AwsError CloudTrailARNInvalidException, ResourceTypeNotSupportedException, ResourceNotFoundException */
function findTagged(call: CloudTrailCall, arn: string): TrailSettings {
  if (!arn.startsWith('arn:')) throw cloudTrailErrors.CloudTrailARNInvalidException(arn)
  if (/:(eventdatastore|channel|dashboard)\//.test(arn)) throw cloudTrailErrors.ResourceTypeNotSupportedException(arn)
  const trail = call.services.trails.get(arnNamed(call, arn))
  if (trail?.accountId !== call.accountId) throw cloudTrailErrors.ResourceNotFoundException(arn)
  return trail
}
