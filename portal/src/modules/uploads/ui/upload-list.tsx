'use client'

import Link from 'next/link'
import { OwnHistory } from '#portal/modules/audit/ui/history.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { bytesInWords } from '#portal/ui/words.ts'
import type { UploadView } from '../answers.ts'
import { ADVICE, CHECKSUM_WORDS, chipOf, isMoving, stepInWords } from './upload-words.ts'

/** Who took each step, and when. */
function Timeline({ upload }: { upload: UploadView }) {
  return (
    <ol aria-label={`Timeline of ${upload.filename}`} className="grid grid-cols-1 gap-1.5">
      {upload.history.map((step) => {
        const { state, by } = stepInWords(step)
        return (
          <li key={step.to} className="flex flex-wrap gap-x-3 text-sm">
            <Instant at={step.at} className="mono w-36 shrink-0 text-ink-2" />
            <span className="min-w-0">
              <span className="font-medium">{state}</span>
              <span className="text-ink-2"> by {by}</span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}

function Checksum({ checksum }: { checksum: UploadView['checksum'] }) {
  const { tone, words } = CHECKSUM_WORDS[checksum.verdict]
  const sums = [
    ['Sent', checksum.sent],
    ['Arrived', checksum.received],
  ].filter(([, sum]) => sum)
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <span className="text-ink-2">SHA-256</span>
        <Chip tone={tone}>{words}</Chip>
      </p>
      {sums.map(([label, sum]) => (
        <p key={label} className="text-xs text-ink-2">
          {label} <code className="mono break-all text-ink">{sum}</code>
        </p>
      ))}
    </div>
  )
}

function UploadEntry({ upload }: { upload: UploadView }) {
  const { words, tone, live } = chipOf(upload)
  const advice = upload.errorCode ? ADVICE[upload.errorCode] : null
  const name = <span className="font-medium break-all">{upload.filename}</span>
  const there = upload.status === 'ready' || upload.status === 'processing'
  return (
    <li
      className="grid grid-cols-1 gap-2.5 border-b border-line px-4 py-3 last:border-b-0"
      data-upload={upload.id}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-60">
          {there ? (
            <Link
              href={`/videos/${upload.videoId}`}
              prefetch={false}
              className="rounded-chip hover:underline"
            >
              {name}
            </Link>
          ) : (
            name
          )}
          <span className="text-ink-2">
            {' · '}
            {bytesInWords(upload.size)}
            {upload.ownerName && ` · ${upload.ownerName}`}
            {' · '}
            <Instant at={upload.createdAt} />
          </span>
        </p>
        <Chip tone={tone} live={live}>
          {words}
        </Chip>
      </div>
      {isMoving(upload) && upload.status !== 'waiting' && (
        <ProgressBar percent={upload.progress} label={`Progress of ${upload.filename}`} />
      )}
      {advice && (
        <p className="text-sm">
          <span className="text-stop">{upload.error}</span> <span className="text-ink-2">{advice.todo}</span>
        </p>
      )}
      <details className="group">
        <summary className="w-fit cursor-pointer rounded-chip text-sm text-ink-2 hover:text-ink max-sm:min-h-11 max-sm:content-center">
          Timeline and checksum
          <span className="sr-only"> of {upload.filename}</span>
        </summary>
        <div className="grid grid-cols-1 gap-3 pt-2.5">
          <Timeline upload={upload} />
          <Checksum checksum={upload.checksum} />
          <OwnHistory
            path={`/api/uploads/${encodeURIComponent(upload.id)}/history`}
            about={upload.filename}
          />
        </div>
      </details>
    </li>
  )
}

/** Uploads of the team, newest first, each with its state, its reason and how it came there. */
export function UploadList({ uploads }: { uploads: UploadView[] }) {
  return (
    <ul aria-label="All uploads" className="rounded-card border border-line bg-surface">
      {uploads.map((upload) => (
        <UploadEntry key={upload.id} upload={upload} />
      ))}
    </ul>
  )
}
