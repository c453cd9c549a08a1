/** Extra fields of an error, rendered by the endpoint: XML elements for S3, members of the JSON body for the others. */
export type ErrorDetails = Record<string, string | number | undefined>

/**
 * An error that AWS has a name for. Handlers throw it, endpoints alone catch and render it.
 * Anything else that is thrown is our own fault: it is logged with its stack and becomes the service's InternalError.
 */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly details: ErrorDetails
  /** Response headers the error carries beside its body, e.g. x-amz-delete-marker. */
  readonly headers: Record<string, string>

  /**
   * @param code AWS's code, e.g. `NoSuchKey`
   * @param message AWS's words; empty where AWS sends none
   * @param status the HTTP status
   */
  constructor(
    code: string,
    message: string,
    status: number,
    details: ErrorDetails = {},
    headers: Record<string, string> = {},
  ) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
    this.details = details
    this.headers = headers
  }
}

type ErrorMaker = (...parameters: never[]) => {
  message: string
  status: number
  details?: ErrorDetails
  headers?: Record<string, string>
}

/** A service's closed list of errors: from a table of makers, the same names as functions that make an {@link AwsError}. */
export type ErrorCatalogue<Table extends Record<string, ErrorMaker>> = {
  [Code in keyof Table]: (...parameters: Parameters<Table[Code]>) => AwsError
}

/**
 * Closes a catalogue: `throw kmsErrors.DisabledException(keyArn)`. A code that is not in the table does not compile.
 * The name in the table is the code on the wire.
 */
export function errorCatalogue<Table extends Record<string, ErrorMaker>>(table: Table): ErrorCatalogue<Table> {
  const make = ([code, maker]: [string, ErrorMaker]) => [
    code,
    (...parameters: never[]) => {
      const { message, status, details, headers } = maker(...parameters)
      return new AwsError(code, message, status, details, headers)
    },
  ]
  return Object.fromEntries(Object.entries(table).map((entry) => make(entry))) as ErrorCatalogue<Table>
}
