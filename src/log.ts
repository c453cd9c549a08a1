export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFields = Record<string, unknown>

/** What every room may write to; the listener of it is made in one place (`createLog`) and handed down. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** @param cause its stack is printed */
  error(message: string, cause: unknown, fields?: LogFields): void
}
