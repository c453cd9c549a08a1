import { LabRefusal } from '../refusal.ts'

/** What Windows takes for devices, with any ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/

/**
 * A snapshot's name becomes a file's: small letters, because some systems do not tell capitals from them, and nothing that leads to
 * another folder.
 * @throws LabRefusal
 */
export function requireSnapshotName(name: unknown): void {
  // Programs without types leave it out, and the expression would take undefined for a word.
  const text = typeof name === 'string' ? name : ''
  if (/^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9_-])?$/.test(text) && !devices.test(text)) return
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  throw new LabRefusal(
    'wrong',
    `A snapshot's name has 1 to 64 of a-z, 0-9, '-', '_' and '.', begins with a letter or a digit and does not end with '.', unlike ${JSON.stringify(shown)}`,
  )
}
