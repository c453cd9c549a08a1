import type { RecordCheck } from '../../store/record-check.ts'
import { grantChecks } from './grants.ts'
import { keyChecks } from './keys.ts'
import { materialChecks } from './material.ts'

export const kmsChecks: readonly RecordCheck[] = [...keyChecks, ...materialChecks, ...grantChecks]
