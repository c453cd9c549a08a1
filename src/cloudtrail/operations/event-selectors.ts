import { required, string, structure } from '../../protocol/shapes.ts'
import { arnNamed, findAtHome, findTrail } from '../checks/name.ts'
import { cloudTrailErrors } from '../errors.ts'
import { cloudTrailOperation } from '../operation.ts'
import { trailArn } from '../records/trails.ts'
import { AdvancedEventSelectorsShape, checkAdvanced } from '../selectors/advanced.ts'
import { checkedSelectors, defaultSelectors, EventSelectorsShape } from '../selectors/basic.ts'
import { TrailName } from '../shapes.ts'

/* Which events go into a trail's files. */

export const PutEventSelectors = cloudTrailOperation({
  name: 'PutEventSelectors',
  input: structure({
    TrailName: required(string()),
    EventSelectors: EventSelectorsShape,
    AdvancedEventSelectors: AdvancedEventSelectorsShape,
  }),
  readOnly: false,
  on: (call, input) => arnNamed(call, input.TrailName),
  differs: 'of data events there are those of S3; events of network activity there are none',
  handle(call, { TrailName: name, EventSelectors, AdvancedEventSelectors }) {
    const trail = findAtHome(call, name)
    if ((EventSelectors === undefined) === (AdvancedEventSelectors === undefined)) {
      throw cloudTrailErrors.InvalidEventSelectorsException(
        'Specify either EventSelectors or AdvancedEventSelectors, but not both.',
      )
    }
    const selectors = EventSelectors && checkedSelectors(EventSelectors)
    if (AdvancedEventSelectors) checkAdvanced(AdvancedEventSelectors)
    const changed = { ...trail, selectors, advancedSelectors: AdvancedEventSelectors }
    call.services.trails.put(call.transaction, changed)
    return { TrailARN: trailArn(trail), EventSelectors: selectors, AdvancedEventSelectors }
  },
})

export const GetEventSelectors = cloudTrailOperation({
  name: 'GetEventSelectors',
  input: structure({ TrailName: required(TrailName) }),
  readOnly: true,
  on: (call, input) => arnNamed(call, input.TrailName),
  handle(call, input) {
    const trail = findTrail(call, input.TrailName)
    const { selectors = defaultSelectors, advancedSelectors } = trail
    return {
      TrailARN: trailArn(trail),
      ...(advancedSelectors ? { AdvancedEventSelectors: advancedSelectors } : { EventSelectors: selectors }),
    }
  },
})

export const GetInsightSelectors = cloudTrailOperation({
  name: 'GetInsightSelectors',
  input: structure({
    TrailName: string(),
    EventDataStore: string({ min: 3, max: 256, pattern: '^[a-zA-Z0-9._/\\-:]+$' }),
  }),
  readOnly: true,
  on: (call, input) => (input.TrailName === undefined ? '*' : arnNamed(call, input.TrailName)),
  differs: 'no trail has Insights here, and there are no event data stores',
  handle(call, { TrailName: named, EventDataStore: store }) {
    if (named === undefined || store !== undefined) {
      throw cloudTrailErrors.InvalidParameterCombinationException(
        'Specify either TrailName or EventDataStore, but not both.',
      )
    }
    const { name } = findTrail(call, named)
    throw cloudTrailErrors.InsightNotEnabledException(name)
  },
})
