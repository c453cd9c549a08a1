import { s3Errors } from '../../errors.ts'
import { onObject } from '../../needs.ts'
import type { ObjectOperation } from '../../operation.ts'

/** S3 Select was closed to new customers in July 2024; a new account is refused, whether the object is there or not (evidence: s3-select). */
export const SelectObjectContent: ObjectOperation = {
  name: 'SelectObjectContent',
  level: 'object',
  route: 'POST /{Bucket}/{Key+}?select&select-type=2',
  needs: onObject('s3:GetObject'),
  async handle(_services, { call }) {
    throw s3Errors.MethodNotAllowed(call.method, 'OBJECT')
  },
}
