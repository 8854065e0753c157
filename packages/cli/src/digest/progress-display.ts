import type { SingleBar } from 'cli-progress'
import type { Output } from '../terminal.ts'
import { bytesText, countText, durationText } from './figures.ts'

/** How far a command is, for people. */
export interface Advance {
  /** Files done. */
  readonly files: number
  /** Files found until now. */
  readonly found: number
  /** Whether all files were found, so that the rest can be estimated. */
  readonly foundAll: boolean
  /** Bytes read. */
  readonly bytes: number
  readonly elapsedMs: number
  /** From 0 to 1, as far as files were found. */
  readonly fraction: number
}

/** Shows how far a command is, while it prints other lines. */
export interface ProgressDisplay {
  show(advance: Advance): void
  /** Prints a line without disturbing the display. */
  line(text: string): void
  /** Takes the display away. */
  end(): void
}

/** A bar where lines can be drawn over; elsewhere a line from time to time. */
export async function displayOn(output: Output): Promise<ProgressDisplay> {
  if (!output.interactive) return new PlainDisplay(output)
  const { default: progress } = await import('cli-progress')
  return new BarDisplay(output, (options) => new progress.SingleBar(options))
}

/** How often a log gets a line: often enough to see that something moves. */
const LINE_INTERVAL_MS = 5000

class PlainDisplay implements ProgressDisplay {
  readonly #output: Output
  #nextMs = LINE_INTERVAL_MS

  constructor(output: Output) {
    this.#output = output
  }

  show(advance: Advance): void {
    if (advance.elapsedMs < this.#nextMs) return
    this.#nextMs = advance.elapsedMs + LINE_INTERVAL_MS
    this.#output.line(statusOf(advance))
  }

  line(text: string): void {
    this.#output.line(text)
  }

  end(): void {}
}

/** What the bar counts in: it only knows whole numbers. */
const BAR_STEPS = 10_000

class BarDisplay implements ProgressDisplay {
  readonly #output: Output
  readonly #bar: SingleBar
  #advance: Advance | undefined

  constructor(output: Output, create: (options: object) => SingleBar) {
    this.#output = output
    this.#bar = create({
      stream: output.stream,
      clearOnComplete: true,
      hideCursor: true,
      // The command restores the terminal itself, when it has saved what is done.
      gracefulExit: false,
      forceRedraw: true,
      linewrap: false,
      format: (_: unknown, { progress }: { progress: number }) => this.#format(progress),
    })
    this.#bar.start(BAR_STEPS, 0)
  }

  show(advance: Advance): void {
    this.#advance = advance
    this.#bar.update(Math.floor(advance.fraction * BAR_STEPS))
  }

  line(text: string): void {
    // Over the bar, which is drawn again below.
    this.#output.stream.write(`\r\u001B[K${text}\n`)
    this.#bar.render()
  }

  end(): void {
    this.#bar.stop()
  }

  #format(fraction: number): string {
    if (this.#advance === undefined) return 'looking for files'
    const { dim, cyan } = this.#output.colors
    const width = 24
    const filled = Math.round(fraction * width)
    const bar = cyan('━'.repeat(filled)) + dim('━'.repeat(width - filled))
    return `${bar} ${statusOf(this.#advance)}`
  }
}

function statusOf({ files, found, foundAll, bytes, elapsedMs, fraction }: Advance): string {
  const rate = bytesText((bytes / Math.max(elapsedMs, 1)) * 1000)
  const leftMs = (elapsedMs / Math.max(fraction, 1e-6)) * (1 - fraction)
  const rest = foundAll ? `${durationText(leftMs)} left` : 'still looking for more'
  const of = foundAll ? countText(found) : `${countText(found)}+`
  return `${countText(files)} of ${of} files, ${bytesText(bytes)}, ${rate}/s, ${rest}`
}
