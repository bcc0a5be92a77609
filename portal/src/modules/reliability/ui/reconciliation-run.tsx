import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { ReconciliationView } from '../answers.ts'
import { wordsOf } from './finding-words.ts'

const STAGES = {
  uploads: 'Reading the service’s uploads',
  assets: 'Reading the service’s files',
  videos: 'Asking after what no list had',
  repair: 'Putting right',
  over: 'Over',
} as const

const STANDING: Record<ReconciliationView['status'], { words: string; tone: ChipTone }> = {
  running: { words: 'Running', tone: 'neutral' },
  held: { words: 'Waits for a person', tone: 'stop' },
  done: { words: 'Done', tone: 'proof' },
  failed: { words: 'Failed', tone: 'stop' },
  superseded: { words: 'Followed by another', tone: 'neutral' },
}

/** One comparison: how far it has come, or what it found. */
export function ReconciliationRun({ run }: { run: ReconciliationView }) {
  const { words, tone } = STANDING[run.status]
  return (
    <section
      aria-label="The latest comparison"
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Chip tone={tone} live={run.status === 'running'}>
          {words}
        </Chip>
        <p className="text-ink-2" role="status">
          {run.mode === 'dry' ? 'Dry run' : 'With repairs'}, begun <Instant at={run.startedAt} />
          {run.status === 'running' && `: ${STAGES[run.stage].toLowerCase()}`}
        </p>
      </div>
      <p>
        {counted(run.uploads, 'upload')} and {counted(run.assets, 'file')} there looked at
        {run.videos > 0 && `, ${run.videos} asked after one by one`}
        {run.strangers > 0 && `; ${run.strangers} of somebody else left alone`}.
      </p>
      {run.error && <p className="text-stop">{run.error}</p>}
      {run.status !== 'running' && <Found run={run} />}
    </section>
  )
}

function Found({ run }: { run: ReconciliationView }) {
  if (run.findings.length === 0) return <p className="text-proof">Nothing differs.</p>
  return (
    <ul className="grid grid-cols-1 gap-1">
      {run.findings.map(({ kind, found, done }) => (
        <li key={kind} className="flex flex-wrap gap-x-2">
          <span>{wordsOf(kind).label}</span>
          <span className="mono text-ink-2">
            {found}
            {done > 0 && `, ${done} put right`}
          </span>
        </li>
      ))}
    </ul>
  )
}
