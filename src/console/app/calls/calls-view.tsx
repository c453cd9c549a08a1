import type { ViewProps } from '../view.ts'

export function CallsView(_: ViewProps) {
  return <h1>Calls</h1>
}
