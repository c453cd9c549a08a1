import { keys as keysRoute } from '../control/routes/keys.ts'
import type { ListedKey } from '../kms/keys/key-list.ts'
import { type Client, type ClientFlags, openClient } from './client.ts'
import { lineOfJson, table, terminalWidth } from './output.ts'

/**
 * `s3kms-emu keys`: every KMS key of the caller's account in the Region, with its aliases. Asked of the emulator itself, so no
 * policy refuses it, and it leaves nothing in the trail or in `explain last`.
 * @throws Error in one line
 */
export async function keys(
  flags: ClientFlags & { json?: boolean },
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const rows = await listKeys(openClient(flags, environment, now))
  if (flags.json) write(`${lineOfJson(rows)}\n`)
  else write(rows.length === 0 ? 'no keys\n' : `${keyTable(rows)}\n`)
  return 0
}

/** The keys of the caller's account in the client's Region. */
export async function listKeys(client: Client): Promise<ListedKey[]> {
  const { keys } = await client.control(keysRoute, { account: await client.accountId(), region: client.region })
  return keys as ListedKey[]
}

function keyTable(rows: readonly ListedKey[]): string {
  const cells = rows.map(({ Aliases, KeyId, KeyState, KeySpec, KeyManager, Description }) => [
    Aliases.join(', ') || '-',
    ...[KeyId, KeyState, KeySpec, KeyManager, Description ?? ''],
  ])
  const headings = ['ALIAS', 'KEY ID', 'STATE', 'SPEC', 'MANAGER', 'DESCRIPTION']
  return table(headings, cells, { width: terminalWidth() })
}
