import type { ViewProps } from '../view.ts'
import { AuditPanel } from './audit-panel.tsx'
import { ClockPanel } from './clock-panel.tsx'
import { FaultsPanel } from './faults-panel.tsx'
import { SnapshotsPanel } from './snapshots-panel.tsx'

/** What can be done to the emulator itself. */
export function LabView(_: ViewProps) {
  return (
    <>
      <h1>Lab</h1>
      <ClockPanel />
      <SnapshotsPanel />
      <AuditPanel />
      <FaultsPanel />
    </>
  )
}
