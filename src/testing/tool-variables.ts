import type { EmulatorClient } from './emulator-client.ts'

/** What would outweigh the emulator's credentials, or lead elsewhere. */
const overriding = /^AWS_(ENDPOINT_URL_\w+|SESSION_TOKEN|PROFILE)$/

/**
 * Turns AWS's SDKs and tools of a process to an emulator.
 * @returns puts back what was there
 */
export function turnTo({ environment }: EmulatorClient, variables: NodeJS.ProcessEnv): () => void {
  const names = [...Object.keys(variables).filter((name) => overriding.test(name)), ...Object.keys(environment)]
  const before = names.map((name) => [name, variables[name]] as const)
  for (const name of names) delete variables[name]
  Object.assign(variables, environment)
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete variables[name]
      else variables[name] = value
    }
  }
}
