/** A moment as S3's documents show it: ISO 8601, whole seconds, `.000Z`. */
export function timestamp(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString()
}

/** A moment as Java shows it where S3 was written, which repeats a date so that it refuses: `Tue Dec 31 16:00:00 PST 2019`. */
export function pacificTime(milliseconds: number): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    weekday: 'short',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    year: 'numeric',
  })
  const parts = Object.fromEntries(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]))
  const { weekday, month, hour, minute, second, timeZoneName, year } = parts
  return `${weekday} ${month} ${parts.day} ${hour}:${minute}:${second} ${timeZoneName} ${year}`
}
