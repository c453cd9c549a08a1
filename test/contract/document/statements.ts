import { exampleBucket, exampleDestination, exampleKey, exampleSecondKey, keyArn } from '../names.ts'
import type { Statement } from '../scenario.ts'

/* A statement of a policy in one line: `Allow s3:GetObject to Alice on docs/* if StringEquals s3:prefix = docs/`. */

type OneOrMany = string | readonly string[]

/** Without `Resource` where that is everything. */
export function statementText(statement: Statement): string {
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition } = statement
  const parts = [
    Effect,
    Action && listed(Action),
    NotAction && `all but ${listed(NotAction)}`,
    Principal && `to ${principalText(Principal)}`,
    NotPrincipal && `to all but ${principalText(NotPrincipal)}`,
    Resource && Resource !== '*' && `on ${listed(Resource)}`,
    NotResource && `on all but ${listed(NotResource)}`,
    Condition && `if ${conditionText(Condition)}`,
  ]
  return parts.filter(Boolean).join(' ')
}

export function statementsText(statements: readonly Statement[]): string {
  return statements.length === 0 ? 'no statement' : statements.map(statementText).join('; ')
}

function conditionText(condition: NonNullable<Statement['Condition']>): string {
  const tests = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${operator} ${code(key)} = ${listed(values)}`),
  )
  return tests.join(' and ')
}

function principalText(principal: NonNullable<Statement['Principal']>): string {
  if (typeof principal === 'string') return principal === '*' ? 'everybody' : principal
  const names = Object.entries(principal).flatMap(([kind, values]) =>
    [values].flat().map((value) => (kind === 'AWS' ? nameText(value) : `${kind} ${value}`)),
  )
  return names.join(', ')
}

/** `Alice` of a user's ARN, `account 111122223333` of a root's. */
export function nameText(arn: string): string {
  if (arn === '*') return 'everybody'
  const [, , , , account, ...rest] = arn.split(':')
  const last = rest.join(':')
  if (last === 'root') return `account ${account}`
  return last.replace(/^user\//, '').replace(/^(role|assumed-role)\//, '$1 ')
}

function listed(values: OneOrMany): string {
  return [values]
    .flat()
    .map((value) => code(shortened(value)))
    .join(', ')
}

/** Names of the examples that stand in every scenario are said shorter. */
export function shortened(text: string): string {
  return text
    .replaceAll(`arn:aws:s3:::${exampleDestination}`, 'DESTINATION')
    .replaceAll(`arn:aws:s3:::${exampleBucket}`, 'BUCKET')
    .replaceAll(exampleDestination, 'DESTINATION')
    .replaceAll(exampleBucket, 'BUCKET')
    .replaceAll(keyArn(''), '')
    .replaceAll(exampleKey, 'KEY')
    .replaceAll(exampleSecondKey, 'SECOND-KEY')
}

/** Code, whose bars would end a cell of a table otherwise. */
export function code(text: string): string {
  if (text === '') return '(empty)'
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text.replaceAll('|', '\\|')}\``
}
