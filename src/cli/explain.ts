import { explanationLines } from '../control/explanation-lines.ts'
import { explain as explainRoute } from '../control/routes/explain.ts'
import type { AnyExplanation } from '../control/told-explanation.ts'
import { type ClientFlags, openClient } from './client.ts'
import { lineOfJson, printable } from './output.ts'

export interface ExplainFlags extends ClientFlags {
  json?: boolean
}

/**
 * `s3kms-emu explain REQUEST-ID|last`: what was weighed for a call of KMS, for all those of one S3 request, or for a
 * call that IAM or STS refused.
 * @throws Error in one line
 */
export async function explain(
  request: string,
  flags: ExplainFlags,
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const client = openClient(flags, environment, now)
  const answer = await client.control(explainRoute, { id: request })
  const explanations = answer.explanations as AnyExplanation[]
  write(flags.json ? `${lineOfJson(explanations)}\n` : `${explanations.map(textOf).join('\n\n')}\n`)
  return 0
}

function textOf(explanation: AnyExplanation): string {
  return explanationLines(explanation).map(printable).join('\n')
}
