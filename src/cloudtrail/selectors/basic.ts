import { boolean, enumeration, list, string, structure } from '../../protocol/shapes.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { cloudTrailErrors } from '../errors.ts'
import { dataArnOf, dataTypeOf } from './data-resource.ts'

/*
 * Basic event selectors: an event goes into the files if any selector takes it ("EventSelector", CloudTrail API reference; evidence:
 * trail-selectors).
 *
 *   ReadWriteType ── and ── a management event, unless they or its source are excluded
 *                       └── or a data event whose resource's ARN begins with one of the values
 */

const EventSelectorShape = structure({
  ReadWriteType: enumeration(['ReadOnly', 'WriteOnly', 'All']),
  IncludeManagementEvents: boolean(),
  DataResources: list(structure({ Type: string(), Values: list(string()) })),
  ExcludeManagementEventSources: list(string()),
})
export const EventSelectorsShape = list(EventSelectorShape)

export interface EventSelector {
  ReadWriteType?: 'ReadOnly' | 'WriteOnly' | 'All'
  IncludeManagementEvents?: boolean
  DataResources?: { Type?: string; Values?: string[] }[]
  ExcludeManagementEventSources?: string[]
}

/** What a trail has that nobody gave selectors. */
export const defaultSelectors: readonly Required<EventSelector>[] = [
  { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
]

const mostSelectors = 5
const mostResources = 250
const dataTypes: ReadonlySet<string> = new Set(['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table'])
const excludable: ReadonlySet<string> = new Set(['kms.amazonaws.com', 'rdsdata.amazonaws.com'])

/**
 * @returns the selectors, each with all of its members
 * @throws AwsError InvalidEventSelectorsException
 */
export function checkedSelectors(selectors: readonly EventSelector[]): Required<EventSelector>[] {
  if (selectors.length === 0 || selectors.length > mostSelectors) {
    throw invalid(`A trail has 1 to ${mostSelectors} event selectors.`)
  }
  const whole = selectors.map((selector) => ({
    ReadWriteType: selector.ReadWriteType ?? 'All',
    IncludeManagementEvents: selector.IncludeManagementEvents ?? true,
    DataResources: selector.DataResources ?? [],
    ExcludeManagementEventSources: selector.ExcludeManagementEventSources ?? [],
  }))
  const values = whole.flatMap(({ DataResources }) => DataResources.flatMap(({ Values = [] }) => Values))
  if (values.length > mostResources) throw invalid(`A trail has at most ${mostResources} data resources.`)
  for (const selector of whole) checkSelector(selector)
  return whole
}

function checkSelector(selector: Required<EventSelector>): void {
  const { IncludeManagementEvents, DataResources, ExcludeManagementEventSources } = selector
  if (!IncludeManagementEvents && DataResources.length === 0) {
    throw invalid('An event selector must include management events or data resources.')
  }
  for (const source of ExcludeManagementEventSources) {
    if (!excludable.has(source)) throw invalid(`Value ${source} for ExcludeManagementEventSources is invalid.`)
  }
  for (const { Type = '', Values = [] } of DataResources) {
    if (!dataTypes.has(Type)) throw invalid(`Value ${Type} for DataResources.Type is invalid.`)
    if (Values.length === 0) throw invalid(`DataResources.Values must have a value for ${Type}.`)
    for (const value of Values) {
      if (!isValue(Type, value)) throw invalid(`Value ${value} for DataResources.Values is invalid.`)
    }
  }
}

/** A bucket is meant as all that begins with its name and a slash; without one it would be others' too. */
function isValue(type: string, value: string): boolean {
  const service = type === 'AWS::S3::Object' ? 's3' : type === 'AWS::Lambda::Function' ? 'lambda' : 'dynamodb'
  const all = `arn:aws:${service}`
  if (value === all) return true
  if (service !== 's3') return value.startsWith(`${all}:`)
  return value === `${all}:::` || /^arn:aws:s3:::[^/]+\//.test(value)
}

export function takesDataEvents(selectors: readonly EventSelector[]): boolean {
  return selectors.some(({ DataResources = [] }) => DataResources.some(({ Type }) => Type === 'AWS::S3::Object'))
}

export function isTakenByBasic(selectors: readonly EventSelector[], record: TrailRecord): boolean {
  return selectors.some((selector) => takes(selector, record))
}

function takes(selector: EventSelector, record: TrailRecord): boolean {
  const { ReadWriteType = 'All', IncludeManagementEvents = true, ExcludeManagementEventSources = [] } = selector
  if (ReadWriteType !== 'All' && (ReadWriteType === 'ReadOnly') !== record.readOnly) return false
  if (record.eventCategory === 'Management') {
    return IncludeManagementEvents && !ExcludeManagementEventSources.includes(record.eventSource)
  }
  const { DataResources = [] } = selector
  const [type, arn] = [dataTypeOf(record), dataArnOf(record)]
  if (arn === undefined) return false
  return DataResources.some(({ Type, Values = [] }) => Type === type && Values.some((value) => arn.startsWith(value)))
}

function invalid(words: string) {
  return cloudTrailErrors.InvalidEventSelectorsException(words)
}
