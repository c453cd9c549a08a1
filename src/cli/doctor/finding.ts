export type FindingStatus = 'ok' | 'warning' | 'fault'

/** What was found about one thing that clients depend on. */
export interface Finding {
  check: string
  /** `warning`: some clients would not work, or not with this emulator. `fault`: none would. */
  status: FindingStatus
  found: string
  /** What to do about it. */
  remedy?: string
}
