/** What a control path does not do, in words for people. */
export class ControlRefusal extends Error {
  readonly status: 400 | 403 | 404 | 409 | 413 | 422

  constructor(status: ControlRefusal['status'], message: string) {
    super(message)
    this.status = status
  }
}
