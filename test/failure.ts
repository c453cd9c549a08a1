/** The error an action fails with: its code, message and HTTP status, as the SDK reports them. */
export async function failureOf(
  action: Promise<unknown>,
): Promise<{ code: string; message: string; status: number | undefined }> {
  try {
    await action
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
    const code = 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name
    return { code, message: error.message, status: $metadata?.httpStatusCode }
  }
  throw new Error('it succeeded')
}
