import { useState } from 'preact/hooks'
import type { ObjectDetails } from '../../answers.ts'
import { callS3 } from '../api.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { xml } from '../xml.ts'
import type { Address } from './object-page.tsx'

/** How long a version is locked, and whether it is held. */
export function EditRetention({
  details,
  address,
  onClose,
}: {
  details: ObjectDetails
  address: Address
  onClose(): void
}) {
  const { retention, legalHold } = details
  const [mode, setMode] = useState('')
  const [until, setUntil] = useState(retention ? new Date(retention.until).toISOString().slice(0, 16) : '')
  const [isHeld, setHeld] = useState(legalHold)
  const [isPast, setPast] = useState(false)
  const run = async () => {
    const { bucket, key, versionId } = address
    if (mode !== '') {
      const body = xml('Retention', mode === 'none' ? {} : { Mode: mode, RetainUntilDate: `${until}:00Z` })
      const headers: Record<string, string> = isPast ? { 'x-amz-bypass-governance-retention': 'true' } : {}
      await callS3({ method: 'PUT', bucket, key, query: { retention: '', versionId }, headers, body })
    }
    if (isHeld === legalHold) return
    const body = xml('LegalHold', { Status: isHeld ? 'ON' : 'OFF' })
    await callS3({ method: 'PUT', bucket, key, query: { 'legal-hold': '', versionId }, body })
  }
  return (
    <FormDialog title="Retention" action="Save" onClose={onClose} run={run}>
      <label class="field">
        Mode
        <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
          <option value="">as it is</option>
          <option>GOVERNANCE</option>
          <option>COMPLIANCE</option>
          <option>none</option>
        </select>
      </label>
      {mode === '' || mode === 'none' ? null : (
        <label class="field">
          Until (UTC)
          <input
            type="datetime-local"
            required
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        </label>
      )}
      {retention?.mode === 'GOVERNANCE' ? (
        <label>
          <input type="checkbox" checked={isPast} onChange={() => setPast(!isPast)} /> bypass the governance that is on
          it
        </label>
      ) : null}{' '}
      <label>
        <input type="checkbox" checked={isHeld} onChange={() => setHeld(!isHeld)} /> legal hold
      </label>
    </FormDialog>
  )
}
