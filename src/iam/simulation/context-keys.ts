import { parsePolicy } from '../../aws/policy-parse.ts'
import type { SourcePolicy } from './simulate.ts'

/** The condition keys that policies ask for, in conditions and as variables, each once. */
export function contextKeysOf(sources: readonly SourcePolicy[]): string[] {
  const keys = new Map<string, string>()
  const add = (key: string) => {
    if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key)
  }
  for (const { document } of sources) {
    for (const { conditions, resource } of parsePolicy(document, 'identity').statements) {
      const texts = [...conditions.flatMap(({ values }) => values), ...(resource?.patterns ?? [])]
      for (const { key } of conditions) add(key)
      for (const text of texts) for (const [, name = ''] of text.matchAll(/\$\{([\w:/.-]+)/g)) add(name)
    }
  }
  return [...keys.values()]
}
