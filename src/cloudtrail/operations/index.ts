import type { CloudTrailOperation } from '../operation.ts'
import { GetEventSelectors, GetInsightSelectors, PutEventSelectors } from './event-selectors.ts'
import { GetTrailStatus, StartLogging, StopLogging } from './logging.ts'
import { ListPublicKeys } from './public-keys.ts'
import { AddTags, ListTags, RemoveTags } from './tags.ts'
import { CreateTrail, DeleteTrail, DescribeTrails, GetTrail, ListTrails, UpdateTrail } from './trails.ts'

/** The operations on trails, by name. LookupEvents is in `trail/`, and what is not here in `trail/operations.ts`. */
export const cloudTrailOperations: ReadonlyMap<string, CloudTrailOperation> = new Map(
  [
    AddTags,
    CreateTrail,
    DeleteTrail,
    DescribeTrails,
    GetEventSelectors,
    GetInsightSelectors,
    GetTrail,
    GetTrailStatus,
    ListPublicKeys,
    ListTags,
    ListTrails,
    PutEventSelectors,
    RemoveTags,
    StartLogging,
    StopLogging,
    UpdateTrail,
  ].map((operation) => [operation.name, operation]),
)
