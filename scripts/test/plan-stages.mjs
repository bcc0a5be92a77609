// Which steps of a test run share the machine. A check keeps one core busy, seldom two.

/**
 * One after the other; within a stage, lanes go side by side, and the steps of a lane follow each other. A step that stands
 * in no stage has one of its own.
 */
const SHARED = [[['types'], ['lint', 'dependencies', 'structure', 'unused', 'pages']]]

/**
 * The stages of these steps, by the first step of each; steps that were not asked for are left out.
 * @template {{name: string}} T @param {T[]} steps @returns {T[][][]} stages of lanes of steps
 */
export function planStages(steps, shared = SHARED) {
  const stages = []
  const planned = new Set()
  for (const step of steps) {
    if (planned.has(step)) continue
    const lanes = shared.find((stage) => stage.flat().includes(step.name)) ?? [[step.name]]
    const stage = lanes
      .map((lane) => steps.filter(({ name }) => lane.includes(name)))
      .filter((lane) => lane.length)
    for (const lane of stage) for (const each of lane) planned.add(each)
    stages.push(stage)
  }
  return stages
}

/**
 * Runs each stage; `run` gets a step and whether it is the one of its stage whose output may go straight to the terminal.
 * `ended` is called with what a step came to, lane by lane, each as soon as it and all before it are through: what goes on
 * beside another is told after it.
 * @template {{name: string}} T @template R
 * @param {T[][][]} stages
 * @param {(step: T, live: boolean) => Promise<R>} run
 * @param {(step: T, result: R, live: boolean) => void} ended
 */
export async function runStages(stages, run, ended) {
  for (const stage of stages) {
    const live = stage[0]?.[0]
    const results = new Map()
    const order = live ? [live, ...stage.flat().filter((step) => step !== live)] : []
    const tell = () => {
      while (order[0] && results.has(order[0])) {
        const step = order.shift()
        ended(step, results.get(step), step === live)
      }
    }
    await Promise.all(
      stage.map(async (lane) => {
        for (const step of lane) {
          results.set(step, await run(step, step === live))
          tell()
        }
      }),
    )
  }
}
