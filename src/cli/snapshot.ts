import { snapshotDelete, snapshotList, snapshotLoad, snapshotSave } from '../control/routes/snapshots.ts'
import type { SnapshotSummary } from '../lab/snapshots/snapshot-keeper.ts'
import { type Client, openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { printable } from './output.ts'

export type SnapshotRequest = 'save' | 'load' | 'delete'

const done = { save: 'saved', load: 'loaded', delete: 'deleted' }

/**
 * `s3kms-emu snapshot save|load|delete NAME`
 * @throws Error in one line
 */
export async function snapshot(
  request: SnapshotRequest,
  name: string,
  flags: Flags,
  { environment, now, write }: Terminal,
): Promise<number> {
  const answer = await ask(openClient(flags, environment, now), request, name)
  write(flags.json ? `${JSON.stringify(answer)}\n` : `${name}: ${done[request]}\n`)
  return 0
}

/**
 * `s3kms-emu snapshot list`
 * @throws Error in one line
 */
export async function listSnapshots(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const { snapshots } = await openClient(flags, environment, now).control(snapshotList, {})
  write(flags.json ? `${JSON.stringify(snapshots)}\n` : snapshots.map(lineOf).join('') || 'no snapshots\n')
  return 0
}

function ask(client: Client, request: SnapshotRequest, name: string): Promise<object> {
  if (request === 'save') return client.control(snapshotSave, { name })
  return client.control(request === 'load' ? snapshotLoad : snapshotDelete, { name })
}

function lineOf({ name, created, size, damage }: SnapshotSummary): string {
  const bytes = size === undefined ? [] : [`${(size / 2 ** 20).toFixed(1)} MiB`]
  const cells = [new Date(created).toISOString(), name, ...bytes, ...(damage ? [`cannot be loaded: ${damage}`] : [])]
  return `${printable(cells.join('  '))}\n`
}
