'use client'

import { type ChangeEvent, useRef } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useNow } from '#portal/ui/use-now.ts'
import { bytesInWords, counted, durationInWords } from '#portal/ui/words.ts'
import { VIDEO_FILES } from './drop-zone.tsx'
import type { Wait } from './limit-wait.ts'
import type { QueueItem } from './queue-item.ts'
import type { UploadQueue } from './upload-queue.ts'

/** What happens with one file, in a few words. */
function situation(item: QueueItem, now: number | null): string {
  const { progress } = item
  switch (item.state) {
    case 'queued':
      return 'Waits for its turn'
    case 'limited':
      return 'Waits'
    case 'preparing':
      return 'Preparing'
    case 'needs-file':
      if (item.uploadId === null)
        return item.hasFile
          ? 'Had to wait, and has not begun. Continue to upload it.'
          : 'Had to wait, and has not begun. Continue, and choose the file again.'
      return item.hasFile
        ? 'Interrupted. Continue where it stopped.'
        : 'Interrupted. Continue, and choose the same file again.'
    case 'elsewhere':
      return item.where === 'device'
        ? 'Uploading on another device. Continue here to take it over.'
        : 'Uploading in another tab or window'
    case 'offline':
      return 'You are offline. Goes on by itself when the connection is back.'
    case 'retrying': {
      const seconds = progress?.retryAt && now ? Math.max(0, Math.ceil((progress.retryAt - now) / 1000)) : 0
      return `Connection lost. Next try ${seconds > 0 ? `in ${seconds} s` : 'now'}.`
    }
    case 'paused':
      return 'Paused'
    case 'done':
      return 'Uploaded'
    case 'sending':
      if (!progress) return 'Uploading'
      return progress.secondsLeft === null
        ? `${bytesInWords(progress.sent)} sent`
        : `${bytesInWords(progress.sent)} sent · ${durationInWords(progress.secondsLeft)} left`
    default:
      return ''
  }
}

const pausable = new Set(['sending', 'retrying', 'offline', 'queued'])
const continuable = new Set(['paused', 'needs-file', 'failed'])

const canPause = (item: QueueItem) =>
  pausable.has(item.state) || (item.state === 'elsewhere' && item.where === 'tab')
const canContinue = (item: QueueItem) =>
  continuable.has(item.state) || (item.state === 'elsewhere' && item.where === 'device')
const isOver = (item: QueueItem) =>
  item.state === 'refused' || (item.state === 'failed' && item.progress?.resumable === false)

/** One file on its way: bytes, seconds left, and what can be done. */
function UploadRow({ item, queue }: { item: QueueItem; queue: UploadQueue }) {
  const now = useNow(1000)
  const chooser = useRef<HTMLInputElement>(null)
  const percent = ((item.progress?.sent ?? item.stored) / Math.max(1, item.size)) * 100
  const over = isOver(item)
  function goOn() {
    if (item.hasFile) void queue.resume(item.key)
    else chooser.current?.click()
  }
  function chosen(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0]
    if (file) void queue.resume(item.key, { file })
    event.target.value = ''
  }
  return (
    <li
      className="grid grid-cols-1 gap-2.5 border-b border-line px-4 py-3 last:border-b-0"
      data-state={item.state}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-60">
          <span className="font-medium break-all">{item.name}</span>
          <span className="text-ink-2">
            {' · '}
            {bytesInWords(item.size)}
            {!over && ` · ${situation(item, now)}`}
          </span>
        </p>
        {(item.progress || item.stored > 0) && !over && (
          <span className="mono text-sm">{Math.floor(percent)} %</span>
        )}
        <div className="flex gap-2">
          {canPause(item) && (
            <Button small onClick={() => queue.pause(item.key)}>
              Pause
            </Button>
          )}
          {item.state === 'limited' && (
            <Button small onClick={() => void queue.resume(item.key)} aria-label={`Try now: ${item.name}`}>
              Try now
            </Button>
          )}
          {canContinue(item) && !over && (
            <Button small look="solid" onClick={goOn}>
              Continue
            </Button>
          )}
          {over || item.state === 'done' ? (
            <Button small onClick={() => queue.dismiss(item.key)}>
              Close
            </Button>
          ) : (
            <Button small onClick={() => void queue.cancel(item.key)} aria-label={`Cancel ${item.name}`}>
              Cancel
            </Button>
          )}
        </div>
      </div>
      {item.error && (
        <p role="alert" className="text-sm text-stop">
          {item.error}
        </p>
      )}
      {item.state === 'limited' && item.wait && <WaitNote wait={item.wait} goesOn="Goes on by itself" />}
      {item.state === 'needs-file' && item.wait && now && item.wait.until > now && (
        <WaitNote wait={item.wait} goesOn="Continue now all the same: it begins by itself" />
      )}
      {!over && (
        <ProgressBar
          percent={percent}
          label={`Upload of ${item.name}`}
          tone={item.state === 'sending' ? 'ink' : 'still'}
        />
      )}
      <input
        ref={chooser}
        type="file"
        accept={VIDEO_FILES}
        hidden
        onChange={chosen}
        aria-label={`Choose ${item.name} again`}
      />
    </li>
  )
}

/** Until when a file waits, why, and where to ask for more. */
function WaitNote({ wait, goesOn }: { wait: Wait; goesOn: string }) {
  const why =
    wait.why === 'busy'
      ? 'The portal can’t take it just now.'
      : wait.limit
        ? `The limit of ${wait.limit} is reached.`
        : 'The portal takes no more from here for now.'
  return (
    <p role="status" className="text-sm text-ink-2">
      {why} {goesOn} <Instant at={new Date(wait.until).toISOString()} className="font-medium text-ink" />
      {wait.why === 'limit' && ', if this page stays open'}.
      {wait.help && (
        <>
          {' '}
          <a href={wait.help} target="_blank" rel="noreferrer" className="underline">
            About this limit
          </a>
        </>
      )}
    </p>
  )
}

/** Acts on all of them, where there is more than one. */
function AllActs({ items, queue }: { items: QueueItem[]; queue: UploadQueue }) {
  const under = items.filter((item) => !isOver(item) && item.state !== 'done')
  if (under.length < 2) return null
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
      <p className="min-w-0 flex-1 text-sm text-ink-2">{counted(under.length, 'file')} on the way</p>
      {under.some(canPause) && (
        <Button small onClick={() => queue.pauseAll()}>
          Pause all
        </Button>
      )}
      {under.some((item) => canContinue(item) && item.hasFile) && (
        <Button small onClick={() => void queue.resumeAll()}>
          Continue all
        </Button>
      )}
      <Button small onClick={() => queue.cancelAll()}>
        Cancel all
      </Button>
    </div>
  )
}

/** All files on their way; nothing where there is none. */
export function UploadPanel({ items, queue }: { items: QueueItem[]; queue: UploadQueue }) {
  if (items.length === 0) return null
  return (
    <section aria-label="Uploads" className="rounded-card border border-line bg-surface">
      <AllActs items={items} queue={queue} />
      <ul>
        {items.map((item) => (
          <UploadRow key={item.key} item={item} queue={queue} />
        ))}
      </ul>
    </section>
  )
}
