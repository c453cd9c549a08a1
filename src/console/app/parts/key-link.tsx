import { addressOf } from '../address.ts'
import { keyName } from '../format.ts'

/** A KMS key by its alias, as a link to it. */
export function KeyLink({ arn, aliases }: { arn: string; aliases: ReadonlyMap<string, string> }) {
  const [, , , region = '', , resource = ''] = arn.split(':')
  return (
    <a href={addressOf(['keys', region, resource.replace(/^key\//, '')])} title={arn}>
      {keyName(arn, aliases)}
    </a>
  )
}
