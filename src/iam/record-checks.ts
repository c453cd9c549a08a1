import { type RecordCheck, recordCheck } from '../store/record-check.ts'
import { members, text } from '../store/record-shape.ts'
import { accountAliasRecords } from './entities/account-alias.ts'

/** What belongs to an account itself. */
export const iamChecks: readonly RecordCheck[] = [
  recordCheck(accountAliasRecords, members<{ alias: string }>({ alias: text })),
]
