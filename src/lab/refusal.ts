/** Something that was asked of the lab and is not done, in words for people: the library throws it, the control API and the command line say it. */
export class LabRefusal extends Error {
  /** `wrong`: what was asked cannot be. `absent`: there is no such thing. `conflict`: not as things stand now. */
  readonly kind: 'wrong' | 'absent' | 'conflict'

  constructor(kind: LabRefusal['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}
