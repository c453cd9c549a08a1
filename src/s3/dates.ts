/** A moment as S3's documents show it: ISO 8601, whole seconds, `.000Z`. */
export function timestamp(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString()
}
