import { type Client, type ClientFlags, openClient } from './client.ts'
import { table } from './output.ts'

interface KeyRow {
  aliases: string[]
  metadata: Record<string, unknown>
}

/**
 * `s3kms-emu keys`: every KMS key of the account and Region, with its aliases.
 * @throws Error in one line
 */
export async function keys(
  flags: ClientFlags & { json?: boolean },
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const client = openClient(flags, environment, now)
  const aliases = await listAliases(client)
  const rows: KeyRow[] = []
  for (const key of await listAll(client, 'ListKeys', 'Keys')) {
    const { KeyMetadata } = await client.call('kms', 'DescribeKey', { KeyId: key.KeyId })
    const own = aliases.filter(({ TargetKeyId }) => TargetKeyId === key.KeyId).map(({ AliasName }) => AliasName)
    rows.push({ aliases: own, metadata: { ...Object(KeyMetadata) } })
  }
  if (flags.json) write(`${JSON.stringify(rows.map((row) => ({ ...row.metadata, Aliases: row.aliases })))}\n`)
  else write(rows.length === 0 ? 'no keys\n' : `${keyTable(rows)}\n`)
  return 0
}

export interface Alias {
  AliasName: string
  /** Absent while an AWS managed key's alias has no key yet. */
  TargetKeyId: string
}

export async function listAliases(client: Client): Promise<Alias[]> {
  const aliases = await listAll(client, 'ListAliases', 'Aliases')
  return aliases.map(({ AliasName, TargetKeyId }) => ({
    AliasName: String(AliasName),
    TargetKeyId: String(TargetKeyId ?? ''),
  }))
}

/** All pages of one of KMS's lists. */
async function listAll(client: Client, operation: string, member: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  let Marker: unknown
  do {
    const { [member]: page, NextMarker } = await client.call('kms', operation, { Marker })
    if (Array.isArray(page)) found.push(...page)
    Marker = NextMarker
  } while (Marker !== undefined)
  return found
}

function keyTable(rows: readonly KeyRow[]): string {
  const cells = rows.map(({ aliases, metadata }) => [
    aliases.join(', ') || '-',
    ...['KeyId', 'KeyState', 'KeySpec', 'KeyManager', 'Description'].map((name) => String(metadata[name] ?? '')),
  ])
  const headings = ['ALIAS', 'KEY ID', 'STATE', 'SPEC', 'MANAGER', 'DESCRIPTION']
  return table(headings, cells, process.stdout.isTTY)
}
