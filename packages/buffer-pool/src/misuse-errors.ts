import { CupolaError } from '@cupola/core'

/** What else an error of misuse tells. */
export interface MisuseErrorOptions extends ErrorOptions {
  /**
   * How the buffer was given away before.
   *
   * @defaultValue `'released'`
   */
  readonly ending?: string | undefined
}

/** A buffer was released that was released, or handed over, already. Nothing was changed. */
export class DoubleReleaseError extends CupolaError {
  readonly code = 'ERR_DOUBLE_RELEASE'
  /** The `id` of the buffer. */
  readonly bufferId: number

  /**
   * @param bufferId - The `id` of the buffer.
   * @param options - How it was given away first, and where, as `cause`, if the pool takes notes of
   *   that.
   */
  constructor(bufferId: number, options: MisuseErrorOptions = {}) {
    const { ending = 'released' } = options
    super(`Cannot release the buffer ${bufferId}: it was ${ending} already`, options)
    this.bufferId = bufferId
  }

  override get name(): string {
    return 'DoubleReleaseError'
  }
}

/** A buffer was given to a pool that it is not from. Nothing was changed: it can go to its own. */
export class ForeignReleaseError extends CupolaError {
  readonly code = 'ERR_FOREIGN_RELEASE'
  /** The `id` of the buffer, in its own pool. */
  readonly bufferId: number

  /**
   * @param bufferId - The `id` of the buffer, in its own pool.
   * @param action - What was tried; completes "Cannot …".
   */
  constructor(bufferId: number, action = 'release') {
    super(`Cannot ${action} the buffer ${bufferId}: it is from another pool`)
    this.bufferId = bufferId
  }

  override get name(): string {
    return 'ForeignReleaseError'
  }
}

/** A buffer was used after its blocks had gone back: they may be somebody else's. */
export class UseAfterReleaseError extends CupolaError {
  readonly code = 'ERR_USE_AFTER_RELEASE'
  /** The `id` of the buffer. */
  readonly bufferId: number

  /**
   * @param action - What was tried; completes "Cannot …".
   * @param bufferId - The `id` of the buffer.
   * @param options - How it was given away, and where, as `cause`, if the pool takes notes of that.
   */
  constructor(action: string, bufferId: number, options: MisuseErrorOptions = {}) {
    const { ending = 'released' } = options
    super(`Cannot ${action} the buffer ${bufferId}: it was ${ending}`, options)
    this.bufferId = bufferId
  }

  override get name(): string {
    return 'UseAfterReleaseError'
  }
}
