// Prints what the HTTP Observatory says of the site that is named; runs where the Observatory is installed.
import { scan } from '@mdn/mdn-http-observatory/src/scanner/index.js'

const { scan: summary, tests } = await scan(process.argv[2])
const judged = Object.entries(tests).map(([name, { result, pass, scoreModifier }]) => ({
  name,
  result,
  pass,
  scoreModifier,
}))
process.stdout.write(JSON.stringify({ score: summary.score, grade: summary.grade, tests: judged }))
