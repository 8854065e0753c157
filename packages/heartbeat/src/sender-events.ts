/** Events of a `HeartbeatSender`. Observations only: nothing depends on a listener. */
export interface HeartbeatSenderEvents {
  /** A beat was accepted, or, where nobody answers, has left. */
  readonly sent: { readonly sequence: number; readonly tookMs: number }
  /**
   * A beat did not arrive or was refused; `failures` in a row by now. What comes from a thread of its own is
   * an `Error` of the same name, message, `code` and cause, and not of the same class.
   */
  readonly failure: {
    readonly sequence: number
    readonly error: unknown
    readonly failures: number
  }
  /** Nothing was sent with success for so long: whoever listens probably takes it for lost. */
  readonly silent: { readonly forMs: number }
  /** A beat was sent again after that. */
  readonly restored: { readonly afterMs: number }
}
