import { legalHolds, retentionModes } from '../records/object-attributes.ts'
import { enumeration, structure, timestamp } from './xml-shapes.ts'

/** An empty one takes the retention away. */
export const Retention = structure({ Mode: enumeration(retentionModes), RetainUntilDate: timestamp() })

export const LegalHold = structure({ Status: enumeration(legalHolds) })
