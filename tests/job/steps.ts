export type Step = { name: string; ms: number; ok: boolean; says: string }

/** Times each step of a job and writes it down as it ends. After a failed step the job is over. */
export function createSteps(onStep: (step: Step) => void) {
  const steps: Step[] = []
  const note = (step: Step) => {
    steps.push(step)
    onStep(step)
  }
  return {
    steps,
    /** Runs one step; `says` tells what came out of it. @throws what the step throws, after noting it down */
    async step<T>(name: string, run: () => Promise<T>, says: (value: T) => string = () => ''): Promise<T> {
      const began = performance.now()
      const took = () => Math.round(performance.now() - began)
      try {
        const value = await run()
        note({ name, ms: took(), ok: true, says: says(value) })
        return value
      } catch (error) {
        const sentence = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
        note({ name, ms: took(), ok: false, says: sentence })
        throw error
      }
    },
    /** A figure that was measured elsewhere, with the judgement on it. */
    measured(name: string, ms: number, ok: boolean, words = ''): void {
      note({ name, ms: Math.round(ms), ok, says: words })
    },
  }
}

export type Steps = ReturnType<typeof createSteps>
