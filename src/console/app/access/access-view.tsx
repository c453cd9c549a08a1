import type { ViewProps } from '../view.ts'

export function AccessView(_: ViewProps) {
  return <h1>Access</h1>
}
