import { resolve } from 'node:path'
import { awsVariables, trustVariables } from '../aws/client-variables.ts'
import { type Client, type ClientFlags, openClient } from './client.ts'
import { shellWord } from './output.ts'

/**
 * `s3kms-emu env`: the lines for `eval "$(s3kms-emu env)"`, once an emulator has answered.
 * @throws Error in one line when none does
 */
export async function env(
  flags: ClientFlags & { json?: boolean },
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const client = openClient(flags, environment, now)
  await client.accountId()
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = environment
  const credentials = id && secret ? { accessKeyId: id, secretAccessKey: secret } : defaultCredentials
  const variables = {
    ...awsVariables(client.endpoint, client.region, credentials),
    ...trustedFrom(client, environment),
  }
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}`)
  write(flags.json ? `${JSON.stringify(variables)}\n` : `${lines.join('\n')}\n`)
  return 0
}

/** Over TLS: the file by which the emulator was trusted just now, for all tools and from every folder. */
export function trustedFrom(
  { endpoint }: Pick<Client, 'endpoint'>,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const file = environment.NODE_EXTRA_CA_CERTS || environment.AWS_CA_BUNDLE
  return endpoint.startsWith('https:') && file ? trustVariables(resolve(file)) : {}
}

const defaultCredentials = { accessKeyId: 'test', secretAccessKey: 'test' }
