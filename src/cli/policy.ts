import { explanationLines } from '../control/explanation-lines.ts'
import { policySuggest, policyWhyNot } from '../control/routes/policy.ts'
import type { Suggestion } from '../lab/policy/suggest.ts'
import { OptionFault } from '../options.ts'
import { type Client, openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { emulatorTime } from './emulator-time.ts'
import { lineOfJson, prettyJson, printable } from './output.ts'
import { readPair, timeOf } from './trail-search.ts'

/**
 * `s3kms-emu policy suggest --principal P`: the least that its recorded calls needed.
 * @throws Error in one line
 */
export async function suggest(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const principal = given(flags, 'principal')
  const client = openClient(flags, environment, now)
  const since = await sinceIn(flags, client, now)
  const suggestion = await client.control(policySuggest, { principal, since })
  write(flags.json ? `${lineOfJson(suggestion)}\n` : `${documentsOf(suggestion)}\n`)
  return 0
}

/** @returns ms since the epoch, as the route takes it @throws OptionFault */
async function sinceIn({ since }: Flags, client: Client, now: () => number): Promise<string | undefined> {
  return since === undefined ? undefined : String(timeOf('--since', since, await emulatorTime(client, now)))
}

function documentsOf({ principal, calls, identityPolicy, keyPolicies, bucketPolicies, notes }: Suggestion): string {
  const part = (title: string, content: unknown) => [`# ${printable(title)}`, prettyJson(content)]
  return [
    `# made of ${calls} calls of ${printable(principal)}: its own policy, or the statements for keys and buckets, is enough`,
    ...part('identity policy', identityPolicy),
    ...keyPolicies.flatMap(({ keyArn, statements }) => part(`statements for the policy of ${keyArn}`, statements)),
    ...bucketPolicies.flatMap(({ bucket, statements }) => part(`statements for the policy of ${bucket}`, statements)),
    ...notes.map((note) => `# ${printable(note)}`),
  ].join('\n')
}

/**
 * `s3kms-emu policy why-not --principal P --action A --resource R`: whether a call that nobody made would be allowed.
 * @returns 1 where it would be refused
 * @throws Error in one line
 */
export async function whyNot(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const question = {
    principal: given(flags, 'principal'),
    action: given(flags, 'action'),
    resource: given(flags, 'resource'),
    encryptionContext: contextIn(flags.context),
    via: flags.viaS3 ? ('s3' as const) : undefined,
  }
  const answer = await openClient(flags, environment, now).control(policyWhyNot, {}, question)
  const { caller, ...ruling } = answer
  const service = question.action.startsWith('s3:') ? ('s3' as const) : undefined
  const asked = { requestId: 'nobody made it', time: now(), operation: question.action, region: '', service }
  const [, ...lines] = explanationLines({ ...asked, caller: { arn: caller, accountId: '' }, rulings: [ruling] })
  const shown = lines.filter((line) => !/^ {2}(request|time) /.test(line)).map(printable)
  const head = ruling.allowed ? 'it would be allowed' : 'it would be refused'
  write(flags.json ? `${lineOfJson(answer)}\n` : `${[head, ...shown].join('\n')}\n`)
  return ruling.allowed ? 0 : 1
}

/** @throws OptionFault */
function given(flags: Flags, name: string): string {
  if (typeof flags[name] === 'string' && flags[name] !== '') return flags[name]
  throw new OptionFault(`--${name} is missing`)
}

/** @throws OptionFault */
function contextIn(pairs: readonly string[] | undefined): Record<string, string> | undefined {
  return pairs && Object.fromEntries(pairs.map(readPair))
}
