import type { Ambient } from './ambient.ts'
import type { Emulator } from './emulator.ts'
import type { EmulatorOptions } from './options.ts'

export { type Ambient, systemAmbient, TurnableAmbient } from './ambient.ts'
export type { Emulator } from './emulator.ts'
export type { FixtureDocument } from './fixtures/fixture-document.ts'
export type { Audit } from './lab/audit/audit.ts'
export type { AuditQuery } from './lab/audit/audit-query.ts'
export type { Finding } from './lab/audit/findings.ts'
export type { Clock, ClockReading } from './lab/clock/clock.ts'
export type { FaultReport } from './lab/faults/fault.ts'
export type { FaultRule } from './lab/faults/fault-rule.ts'
export type { Faults } from './lab/faults/faults.ts'
export type { Inspection, InspectOptions } from './lab/inspect/inspect.ts'
export type { PolicyTools } from './lab/policy/policy-tools.ts'
export type { Question as PolicyQuestion } from './lab/policy/question.ts'
export type { Suggestion } from './lab/policy/suggest.ts'
export type { Answer as PolicyAnswer } from './lab/policy/why-not.ts'
export { LabRefusal } from './lab/refusal.ts'
export type { SnapshotSummary } from './lab/snapshots/snapshot-keeper.ts'
export type { Restore } from './lab/snapshots/snapshots.ts'
export type { TrailExport } from './lab/trail-export/log-files.ts'
export type { Verification, VerifyOptions, VerifyProgress } from './lab/verify/report.ts'
export { type EmulatorOptions, OptionFault } from './options.ts'
export type { NotificationPage, NotificationQuery, ShownNotification } from './s3/notifications/read-notifications.ts'
export { version } from './version.ts'

/**
 * Starts an emulator: S3, KMS, CloudTrail's LookupEvents and STS on one port. Several in one process work.
 * @param options as on the command line, by their library names; the log is at `warn` unless asked otherwise
 * @param ambient clock and chance; tests may give a `TurnableAmbient`
 */
export async function startEmulator(options: EmulatorOptions = {}, ambient?: Ambient): Promise<Emulator> {
  // Loaded only now: the same file is the command line's, whose --help and --version should not wait for a server.
  const emulator = await import('./emulator.ts')
  return emulator.startEmulator(options, ambient)
}
