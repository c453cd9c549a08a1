import { kmsOperationNames } from '../../kms/service.ts'
import { operations as s3Operations } from '../../s3/operations/index.ts'
import { LabRefusal } from '../refusal.ts'
import { pattern } from './pattern.ts'

/** The operations that a fault can strike. */
const namesOf = {
  kms: kmsOperationNames,
  s3: () => s3Operations.map(({ name }) => name),
}

/**
 * A name that no operation has would never strike, and a test would be green for nothing.
 * @param written names with commas, `*` for any letters
 * @throws LabRefusal that says which
 */
export function checkOperationNames(written: string, services: readonly ('kms' | 's3')[]): void {
  const known = services.flatMap((service) => namesOf[service]())
  for (const name of written.split(',')) {
    if (known.some(pattern(name))) continue
    const where = services.map((service) => service.toUpperCase()).join(' or ')
    throw new LabRefusal('wrong', `operation: ${where} has no ${JSON.stringify(name)} here`)
  }
}
