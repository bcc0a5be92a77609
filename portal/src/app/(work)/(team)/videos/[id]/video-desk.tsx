'use client'

import { Share2, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { ViewingSummary } from '#portal/modules/analytics/answers.ts'
import { VideoViewing } from '#portal/modules/analytics/ui/video-viewing.tsx'
import { OwnHistory } from '#portal/modules/audit/ui/history.tsx'
import { OwnPlayer } from '#portal/modules/playback/ui/own-player.tsx'
import type { ShareView } from '#portal/modules/sharing/answers.ts'
import { CreateShareDialog } from '#portal/modules/sharing/ui/create-share-dialog.tsx'
import { RevokeDialog } from '#portal/modules/sharing/ui/revoke-dialog.tsx'
import { RevokeVideoDialog } from '#portal/modules/sharing/ui/revoke-video-dialog.tsx'
import { ShareRows } from '#portal/modules/sharing/ui/share-rows.tsx'
import { ChaptersEditor } from '#portal/modules/videos/ui/chapters-editor.tsx'
import { DeleteDialog } from '#portal/modules/videos/ui/delete-dialog.tsx'
import { TitleEditor } from '#portal/modules/videos/ui/title-editor.tsx'
import { isMoving, progressChips, type VideoItem } from '#portal/modules/videos/ui/video-words.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { ProgressBar } from '#portal/ui/progress-bar.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { clock } from '#portal/ui/words.ts'

/** One video: watch it, name it, share it, take links back, delete it. */
export function VideoDesk({
  video,
  shares,
  viewing,
  moreShares,
}: {
  video: VideoItem
  shares: ShareView[]
  viewing: ViewingSummary[]
  moreShares: boolean
}) {
  const router = useRouter()
  const [sharing, setSharing] = useState(false)
  const [revoking, setRevoking] = useState<ShareView | null>(null)
  const [deleting, setDeleting] = useState(false)
  const [revokingAll, setRevokingAll] = useState(false)
  const watching = shares.reduce((sum, share) => sum + share.watchingNow, 0)
  const refresh = useRefresh(isMoving(video) || watching > 0 ? 2000 : 15_000)
  const live = shares.filter((share) => ['active', 'watching', 'used_up'].includes(share.status)).length
  return (
    <div className="mx-auto grid max-w-[1100px] gap-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 flex-1 basis-80 gap-1.5">
          <TitleEditor videoId={video.id} title={video.title} onRenamed={refresh} />
          <div className="flex flex-wrap items-center gap-1.5 text-ink-2">
            {progressChips(video).map((chip) => (
              <Chip key={chip.words} tone={chip.tone}>
                {chip.words}
              </Chip>
            ))}
            {video.duration !== null && <Chip>{clock(video.duration)}</Chip>}
            {video.resolutionTier && <Chip>{video.resolutionTier}</Chip>}
            <span className="text-sm">
              uploaded <Instant at={video.createdAt} />
            </span>
          </div>
        </div>
        <div className="flex gap-2">
          <Button look="stop" onClick={() => setDeleting(true)}>
            <Trash2 size={16} aria-hidden />
            Delete…
          </Button>
          <Button look="solid" disabled={video.status !== 'ready'} onClick={() => setSharing(true)}>
            <Share2 size={16} aria-hidden />
            Share…
          </Button>
        </div>
      </div>
      <Stage video={video} />
      {viewing.length > 0 && <VideoViewing videoId={video.id} />}
      {video.status === 'ready' && (
        <ChaptersEditor
          videoId={video.id}
          chapters={video.chapters}
          duration={video.duration}
          onSaved={refresh}
        />
      )}
      <section aria-labelledby="shares" className="grid grid-cols-1 gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id="shares">Shares</h2>
          {live > 1 && (
            <Button small look="stop" onClick={() => setRevokingAll(true)}>
              Revoke all…
            </Button>
          )}
        </div>
        {shares.length > 0 ? (
          <ShareRows shares={shares} viewing={viewing} onRevoke={setRevoking} onChanged={refresh} />
        ) : (
          <EmptyState
            title="Not shared"
            action={video.status === 'ready' && <Button onClick={() => setSharing(true)}>Make a link</Button>}
          >
            A link can ask for a proved e-mail address, end by itself, and be taken back at any moment.
          </EmptyState>
        )}
        {moreShares && (
          <p className="text-sm text-ink-2">
            These are the newest hundred; older ones are on the page Shares.
          </p>
        )}
      </section>
      <OwnHistory path={`/api/videos/${encodeURIComponent(video.id)}/history`} />
      <CreateShareDialog
        videoId={video.id}
        open={sharing}
        onClose={() => setSharing(false)}
        onMade={refresh}
      />
      <RevokeDialog share={revoking} onClose={() => setRevoking(null)} onRevoked={refresh} />
      <RevokeVideoDialog
        video={revokingAll ? { id: video.id, title: video.title, live, watching } : null}
        onClose={() => setRevokingAll(false)}
        onRevoked={refresh}
      />
      <DeleteDialog
        video={video}
        liveShares={live}
        watching={watching}
        open={deleting}
        onClose={() => setDeleting(false)}
        onDeleted={() => router.replace('/videos')}
      />
    </div>
  )
}

/** The player, or why there is none yet. */
function Stage({ video }: { video: VideoItem }) {
  if (video.status === 'ready') return <OwnPlayer videoId={video.id} />
  const frame =
    'grid aspect-video max-h-80 w-full place-content-center justify-items-center gap-3 rounded-panel border border-line p-6 text-center'
  if (video.status === 'failed') {
    return (
      <div className={`${frame} bg-stop-bg text-stop`}>
        <p className="text-md font-medium">This file is not playable.</p>
        <p>{video.error}</p>
      </div>
    )
  }
  return (
    <div className={`${frame} bg-sunken text-ink-2`}>
      <p>
        {video.status === 'waiting'
          ? 'Waiting for the file. Its upload goes on from the page Videos.'
          : 'Being prepared. It plays as soon as its first version is there.'}
      </p>
      {video.status === 'processing' && video.progress !== null && (
        <div className="w-60">
          <ProgressBar percent={video.progress} label="Processing" />
        </div>
      )}
    </div>
  )
}
