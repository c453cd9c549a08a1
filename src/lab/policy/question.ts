import { enumeration, examine, required, string, stringMap, structure } from '../../protocol/shapes.ts'
import { LabRefusal } from '../refusal.ts'

/** A call that nobody made. */
export interface Question {
  /** As `callerOf` reads it. */
  principal: string
  /** As IAM names it: `kms:Decrypt`, `s3:GetObject`. */
  action: string
  /** An ARN; of a key also its id or alias; `*` of what is about nothing. */
  resource: string
  /** Of KMS. */
  encryptionContext?: Record<string, string>
  /** `s3`: KMS is asked by S3 in the caller's name. */
  via?: 's3'
}

/** Closed: a context under another name would be passed over, and the answer be that to another question. */
export const questionShape = structure(
  {
    principal: required(string()),
    action: required(string()),
    resource: required(string()),
    encryptionContext: stringMap({ characters: 8192 }),
    via: enumeration(['s3']),
  },
  { closed: true },
)

/**
 * Reads a question as the library is given it.
 * @throws LabRefusal that says what is wrong with it
 */
export function readQuestion(written: unknown): Question {
  const { value, faults } = examine(questionShape, written)
  if (faults.length === 0) return value
  throw new LabRefusal('wrong', faults.map(({ path, words }) => [...path, words].join(': ')).join('; '))
}
