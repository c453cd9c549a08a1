import { awsVariables, trustVariables } from '../aws/client-variables.ts'

interface ScriptParts {
  /** Undefined before the port is open. */
  endpoint: string | undefined
  region: string
  certificate: { file?: string } | undefined
}

/**
 * The environment of scripts: the process's own, and what turns AWS's tools to the emulator. What the user set stands: credentials of
 * their own are theirs to choose.
 */
export function scriptEnvironment(
  own: NodeJS.ProcessEnv,
  { endpoint, region, certificate }: ScriptParts,
): NodeJS.ProcessEnv {
  const test = { accessKeyId: 'test', secretAccessKey: 'test' }
  const given: NodeJS.ProcessEnv = {
    ...awsVariables(endpoint ?? '', region, test),
    ...trustVariables(certificate?.file),
  }
  if (endpoint === undefined) delete given.AWS_ENDPOINT_URL
  if (own.AWS_ACCESS_KEY_ID !== undefined || own.AWS_PROFILE !== undefined) {
    delete given.AWS_ACCESS_KEY_ID
    delete given.AWS_SECRET_ACCESS_KEY
  }
  return { ...given, ...own }
}
