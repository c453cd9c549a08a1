/** By which code Node and the system name what failed, such as `ENOENT`; undefined of an error without one. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
