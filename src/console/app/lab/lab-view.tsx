import type { ViewProps } from '../view.ts'

export function LabView(_: ViewProps) {
  return <h1>Lab</h1>
}
