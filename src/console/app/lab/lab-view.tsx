import type { ViewProps } from '../view.ts'
import { ClockPanel } from './clock-panel.tsx'

/** What can be done to the emulator itself. */
export function LabView(_: ViewProps) {
  return (
    <>
      <h1>Lab</h1>
      <ClockPanel />
    </>
  )
}
