import { faultsWhere, type RecordCheck, recordCheck } from '../store/record-check.ts'
import { listOf, members, object, oneOf, optional, text, time } from '../store/record-shape.ts'
import { type Explanation, explanationRecords, keptRefusals } from './explanations.ts'

/** Why calls were refused: a ring. */
export const explanationChecks: readonly RecordCheck[] = [
  recordCheck(
    explanationRecords,
    members<Explanation>({
      requestId: text,
      causeId: optional(text),
      service: optional(oneOf('s3', 'iam', 'sts')),
      time,
      operation: text,
      region: text,
      caller: members<Explanation['caller']>({ arn: text, accountId: text }),
      error: optional(members<NonNullable<Explanation['error']>>({ code: text, message: text })),
      rulings: listOf(object),
    }),
    ({ key: [slot] }) => faultsWhere([slot >= keptRefusals, 'lies beyond the end of the ring']),
  ),
]
