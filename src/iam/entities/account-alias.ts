import { recordKind } from '../../store/keyspace.ts'

/** Account → its one alias. */
export const accountAliasRecords = recordKind<{ alias: string }>()('accountAlias', ['string'])
