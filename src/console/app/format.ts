const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `1.5 MiB` */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `2026-11-30 12:00:00`, in the reader's time zone. @param time ms since the epoch, or as in the trail */
export function moment(time: number | string): string {
  const date = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

/** What people know a key by. @param arn of a key */
export function keyName(arn: string, aliases: ReadonlyMap<string, string>): string {
  return aliases.get(arn) ?? arn.slice(arn.lastIndexOf('/') + 1)
}
