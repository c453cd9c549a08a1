import { list, required, string, structure } from '../../protocol/shapes.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { cloudTrailErrors } from '../errors.ts'
import { dataArnOf, dataTypeOf } from './data-resource.ts'

/*
 * Advanced event selectors: any selector of which all fields match ("AdvancedFieldSelector", CloudTrail API reference;
 * evidence: trail-selectors).
 *
 *   Equals, StartsWith, EndsWith            one value of one of them matches
 *   NotEquals, NotStartsWith, NotEndsWith   and none of these does
 */

const values = list(string({ min: 1, max: 2048 }), { min: 1 })
const operators = ['Equals', 'StartsWith', 'EndsWith', 'NotEquals', 'NotStartsWith', 'NotEndsWith'] as const

export const AdvancedEventSelectorsShape = list(
  structure({
    Name: string({ max: 1000 }),
    FieldSelectors: required(
      list(
        structure({
          Field: required(string({ min: 1, max: 1000, pattern: '^[\\w|\\d|\\.|_]+$' })),
          Equals: values,
          StartsWith: values,
          EndsWith: values,
          NotEquals: values,
          NotStartsWith: values,
          NotEndsWith: values,
        }),
        { min: 1 },
      ),
    ),
  }),
)

type Operator = (typeof operators)[number]
type FieldSelector = { Field: string } & { [Name in Operator]?: string[] }

export interface AdvancedEventSelector {
  Name?: string
  FieldSelectors: FieldSelector[]
}

const mostValues = 500

/** Which fields a selector of a category may have, beside the category ("Filtering events by using advanced event selectors"). */
const fieldsOf: ReadonlyMap<string | undefined, ReadonlySet<string>> = new Map([
  [
    'Management',
    new Set(['eventSource', 'eventName', 'eventType', 'readOnly', 'sessionCredentialFromConsole', 'userIdentity.arn']),
  ],
  [
    'Data',
    new Set([
      'eventName',
      'eventSource',
      'eventType',
      'readOnly',
      'resources.ARN',
      'resources.type',
      'sessionCredentialFromConsole',
      'userIdentity.arn',
    ]),
  ],
  // There are none here, so such a selector takes nothing.
  ['NetworkActivity', new Set(['eventName', 'eventSource', 'errorCode', 'vpcEndpointId'])],
])
const equalsOnly: ReadonlySet<string> = new Set(['eventCategory', 'readOnly', 'resources.type'])

/** @throws AwsError InvalidEventSelectorsException */
export function checkAdvanced(selectors: readonly AdvancedEventSelector[]): void {
  if (selectors.length === 0) throw invalid('A trail has at least one advanced event selector.')
  const count = selectors.flatMap(({ FieldSelectors }) => FieldSelectors.flatMap(valuesOf)).length
  if (count > mostValues) throw invalid(`All conditions of a trail have at most ${mostValues} values.`)
  for (const { FieldSelectors } of selectors) checkSelector(FieldSelectors)
}

function checkSelector(fields: readonly FieldSelector[]): void {
  const [category, second] = find(fields, 'eventCategory')?.Equals ?? []
  const allowed = fieldsOf.get(category)
  if (!allowed || second !== undefined) {
    throw invalid('A selector must have one field eventCategory that Equals Management, Data or NetworkActivity.')
  }
  for (const field of fields) {
    if (field.Field !== 'eventCategory' && !allowed.has(field.Field)) {
      throw invalid(`The field ${field.Field} is not valid for the event category ${category}.`)
    }
    if (fields.filter(({ Field }) => Field === field.Field).length > 1) {
      throw invalid(`The field ${field.Field} stands in a selector more than once.`)
    }
    checkOperators(field)
  }
  if (category === 'Data' && find(fields, 'resources.type')?.Equals?.length !== 1) {
    throw invalid('A selector of data events must have a field resources.type that Equals one type.')
  }
}

function checkOperators(field: FieldSelector): void {
  const used = operators.filter((operator) => field[operator] !== undefined)
  if (used.length === 0) throw invalid(`The field ${field.Field} must have an operator.`)
  if (equalsOnly.has(field.Field) && used.some((operator) => operator !== 'Equals')) {
    throw invalid(`The field ${field.Field} can only be compared by Equals.`)
  }
  if (field.Field === 'readOnly' && !field.Equals?.every((value) => value === 'true' || value === 'false')) {
    throw invalid('The field readOnly can only be true or false.')
  }
}

function find(fields: readonly FieldSelector[], name: string): FieldSelector | undefined {
  return fields.find(({ Field }) => Field === name)
}

function valuesOf(field: FieldSelector): string[] {
  return operators.flatMap((operator) => field[operator] ?? [])
}

export function advancedTakeDataEvents(selectors: readonly AdvancedEventSelector[]): boolean {
  return selectors.some(({ FieldSelectors }) =>
    find(FieldSelectors, 'resources.type')?.Equals?.includes('AWS::S3::Object'),
  )
}

export function isTakenByAdvanced(selectors: readonly AdvancedEventSelector[], record: TrailRecord): boolean {
  return selectors.some(({ FieldSelectors }) =>
    FieldSelectors.every((field) => matches(field, memberOf(record, field.Field))),
  )
}

function matches(field: FieldSelector, value: string): boolean {
  const { Equals, StartsWith, EndsWith, NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = field
  const isDemanded = Equals ?? StartsWith ?? EndsWith
  const isMet =
    Equals?.includes(value) ||
    StartsWith?.some((beginning) => value.startsWith(beginning)) ||
    EndsWith?.some((end) => value.endsWith(end))
  if (isDemanded && !isMet) return false
  return !(
    NotEquals.includes(value) ||
    NotStartsWith.some((beginning) => value.startsWith(beginning)) ||
    NotEndsWith.some((end) => value.endsWith(end))
  )
}

const valuesOfRecord: Readonly<Record<string, (record: TrailRecord) => unknown>> = {
  eventCategory: ({ eventCategory }) => eventCategory,
  eventName: ({ eventName }) => eventName,
  eventSource: ({ eventSource }) => eventSource,
  eventType: ({ eventType }) => eventType,
  readOnly: ({ readOnly }) => String(readOnly),
  'resources.type': dataTypeOf,
  'resources.ARN': dataArnOf,
  'userIdentity.arn': ({ userIdentity }) => userIdentity.arn,
}

/** Empty where a record has none. */
function memberOf(record: TrailRecord, field: string): string {
  const value = valuesOfRecord[field]?.(record)
  return typeof value === 'string' ? value : ''
}

function invalid(words: string) {
  return cloudTrailErrors.InvalidEventSelectorsException(words)
}
