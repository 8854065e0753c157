// One line per check; a failed one is followed by what the tool said.

export class Report {
  #failures = 0
  #checks = 0
  #startedMs = performance.now()

  /**
   * @param {string} subject - Whose check it is: the package's name.
   * @param {string} title - What is so if the check passes.
   * @param {() => unknown} attempt - Throws, or rejects, if it is not so. A string that it returns
   *   is printed beside the title.
   * @returns {Promise<boolean>} Whether it is so.
   */
  async check(subject, title, attempt) {
    const startedMs = performance.now()
    this.#checks++
    try {
      const detail = await attempt()
      const line = typeof detail === 'string' ? `${title}: ${detail}` : title
      console.log(`ok   ${subject}  ${line} (${secondsSince(startedMs)})`)
      return true
    } catch (error) {
      this.#failures++
      console.log(`FAIL ${subject}  ${title}\n${error.message.replace(/^/gm, '     ')}`)
      return false
    }
  }

  /** Prints the sum and sets the exit code. @returns Whether all is well. */
  finish() {
    const sum = `${this.#checks} checks, ${this.#failures} failed`
    console.log(`${sum} (${secondsSince(this.#startedMs)})`)
    if (this.#failures > 0) process.exitCode = 1
    return this.#failures === 0
  }
}

function secondsSince(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
}
