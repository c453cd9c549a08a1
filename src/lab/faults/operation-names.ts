import { kmsOperationNames } from '../../kms/service.ts'
import { operations as s3Operations } from '../../s3/operations/index.ts'
import { LabRefusal } from '../refusal.ts'
import { canStrikeIn, type FaultRule, servicesOf } from './fault-rule.ts'
import { pattern } from './pattern.ts'

/** The operations that a fault can strike. */
const namesOf = {
  kms: kmsOperationNames,
  s3: () => s3Operations.map(({ name }) => name),
}

/**
 * A name that no operation has would never strike, nor one whose calls cannot end so, and a test would be green for nothing.
 * @param rule its operations are names with commas, `*` for any letters
 * @throws LabRefusal that says which
 */
export function checkOperationNames(rule: FaultRule): void {
  const services = servicesOf(rule)
  for (const name of rule.operation?.split(',') ?? []) {
    const isMeant = pattern(name)
    const meant = services.flatMap((service) =>
      namesOf[service]()
        .filter(isMeant)
        .map((known) => ({ service, known })),
    )
    if (meant.length === 0) throw wrong(`${wordsOf(services)} has no ${JSON.stringify(name)} here`)
    if (meant.some(({ service, known }) => canStrikeIn(rule, service, known))) continue
    throw wrong(
      rule.corrupt ? `${name} answers with no object’s body: corrupt is for GetObject` : foreignError(rule, name),
    )
  }
}

function foreignError({ error }: FaultRule, name: string): string {
  return `${error} is no error of the service that has ${name}`
}

function wordsOf(services: readonly string[]): string {
  return services.map((service) => service.toUpperCase()).join(' or ')
}

function wrong(words: string): LabRefusal {
  return new LabRefusal('wrong', `operation: ${words}`)
}
