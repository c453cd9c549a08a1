import type { SingleBar } from 'cli-progress'

/** How far something is that takes its time. */
export interface Progress {
  /** What is being done, in a word. */
  stage: string
  done: number
  /** Where it is known: then there is a bar. */
  total?: number
}

/** What shows progress, and takes away what it showed. */
export interface ProgressBar {
  show(progress: Progress): void
  end(): void
}

/** Whether somebody would see progress: results go to stdout, which may be a file. */
export function isWatched(): boolean {
  return process.stderr.isTTY
}

/** A bar on stderr, in one line. @param unit of what has a total: how its numbers are shown */
export async function openProgressBar(unit: (count: number) => string): Promise<ProgressBar> {
  const { SingleBar, Presets, Format } = await import('cli-progress')
  const bar: SingleBar = new SingleBar(
    {
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      format(options, { progress, value, total }, { stage, isMeasured }) {
        if (!isMeasured) return `${stage} ${value}`
        const percent = `${Math.floor(progress * 100)}%`.padStart(4)
        return `${stage} ${Format.BarFormat(progress, options)}${percent}  ${unit(value)} of ${unit(total)}`
      },
    },
    Presets.shades_classic,
  )
  let isShown = false
  return {
    show({ stage, done, total }) {
      const payload = { stage, isMeasured: total !== undefined }
      if (!isShown) bar.start(total ?? 0, done, payload)
      isShown = true
      bar.setTotal(total ?? 0)
      bar.update(done, payload)
    },
    end() {
      if (isShown) bar.stop()
    },
  }
}
