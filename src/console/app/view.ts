import type { ComponentType } from 'preact'
import type { Overview } from '../answers.ts'

/** What every view is given: the rest of its address, and what is known of the emulator. */
export interface ViewProps {
  segments: string[]
  parameters: Record<string, string>
  overview: Overview
}

export type View = ComponentType<ViewProps>
