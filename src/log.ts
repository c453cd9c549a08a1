export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFields = Record<string, unknown>

/** The log. It is made in one place (`createLog`) and handed down. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** @param cause its stack is printed */
  error(message: string, cause: unknown, fields?: LogFields): void
}

export interface LogOptions {
  level: LogLevel
  /** One JSON object a line instead of text for people. */
  json: boolean
  /** ms since the epoch */
  now: () => number
  write: (text: string) => void
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** A log whose lines of one turn are written together: a line then costs next to nothing beside a request. */
export function createLog({ level, json, now, write }: LogOptions): Log {
  const threshold = levels.indexOf(level)
  let pending: string[] = []
  const flush = () => {
    const lines = pending
    pending = []
    write(lines.join(''))
  }
  const put = (own: LogLevel, message: string, fields?: LogFields, cause?: unknown) => {
    if (levels.indexOf(own) < threshold) return
    if (pending.length === 0) setImmediate(flush)
    const line = json ? jsonLine : humanLine
    pending.push(line(new Date(now()).toISOString(), own, message, fields, cause))
  }
  return {
    debug: (message, fields) => put('debug', message, fields),
    info: (message, fields) => put('info', message, fields),
    warn: (message, fields) => put('warn', message, fields),
    error: (message, cause, fields) => put('error', message, fields, cause),
  }
}

function jsonLine(time: string, level: LogLevel, message: string, fields?: LogFields, cause?: unknown): string {
  const failure = cause === undefined ? {} : { cause: stackOf(cause) }
  return `${JSON.stringify({ time, level, message, ...fields, ...failure })}\n`
}

function humanLine(time: string, level: LogLevel, message: string, fields?: LogFields, cause?: unknown): string {
  const details = Object.entries(fields ?? {}).map(([name, value]) => ` ${name}=${oneLine(String(value))}`)
  const mark = level === 'info' ? '' : `${level}: `
  const failure = cause === undefined ? '' : `\n${stackOf(cause)}`
  return `${time.slice(11, 23)} ${mark}${oneLine(message)}${details.join('')}${failure}\n`
}

/** Paths and headers come from clients: a line break in one must not forge a line. */
function oneLine(text: string): string {
  if (!/[\x00-\x1f\x7f-\x9f]/.test(text)) return text
  return JSON.stringify(text).replace(/[\x7f-\x9f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
