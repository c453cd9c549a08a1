import { recordKind } from './keyspace.ts'

/** The store's own numbers: its format, the segments reserved (`segment-numbers.ts`), what was compacted. */
export const settings = recordKind<number>()('setting', ['string'])

/** In `settings`: a clearing has begun. */
export const clearing: ['clearing'] = ['clearing']

/** Beside the settings: the taking of another state has begun, and by what name the state is found. */
export const loadings = recordKind<string>()('setting', ['string'])
export const loading: ['loading'] = ['loading']
