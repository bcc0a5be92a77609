'use client'

import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import type { EndReason, Issued } from '#portal/modules/playback/ui/playback-session.ts'
import { ApiError } from '#portal/ui/api-client.ts'
import type { LinkGate } from '../answers.ts'
import {
  CookiesOffPage,
  NotReadyPage,
  OpeningPage,
  OtherDevicePage,
  RefusedPage,
  StoppedPage,
  UnreachablePage,
} from './ended-pages.tsx'
import { Gate } from './gate.tsx'
import { Poster, PosterPage } from './poster-page.tsx'
import { RecordButton } from './record-button.tsx'
import { ScreeningRoom } from './screening-room.tsx'
import {
  eventsUrl,
  openLink,
  progressUrl,
  reportBlack,
  startOrRenew,
  type ViewerGrant,
} from './viewer-api.ts'
import { Watermark } from './watermark.tsx'

const loadPlayer = () => import('#portal/modules/playback/ui/player.tsx')
const Player = lazy(loadPlayer)

const LOOK_AGAIN_MS = 5000

type Stage =
  | { at: 'opening' }
  | { at: 'gate'; link: LinkGate }
  | { at: 'playing'; first: Issued & { grant: ViewerGrant }; personal: boolean }
  | { at: 'not-ready'; percent: number | null }
  | { at: 'cookies-off' }
  | { at: 'stopped'; reason: EndReason }
  | { at: 'refused' }
  | { at: 'other-device' }
  | { at: 'unreachable'; error: unknown }

/** A share link from the first look to the last frame. Only the press of Watch spends a view. */
export function Viewer({ token, poster: sent }: { token: string; poster: string | null }) {
  const [stage, setStage] = useState<Stage>({ at: 'opening' })
  const [personal, setPersonal] = useState(true)
  const [recorded, setRecorded] = useState(false)
  const [asked, setAsked] = useState(false)
  // Stands until the video does; one that does not load is as good as none.
  const [poster, setPoster] = useState(sent)
  const losePoster = useCallback(() => setPoster(null), [])

  const fail = useCallback((error: unknown) => {
    const known = error instanceof ApiError ? error : null
    if (known && [403, 404, 410].includes(known.status)) return setStage({ at: 'refused' })
    if (known?.status === 409) return setStage({ at: 'not-ready', percent: null })
    setStage({ at: 'unreachable', error })
  }, [])

  const watch = useCallback(async () => {
    const first = await startOrRenew(token)
    setStage({ at: 'playing', first, personal })
  }, [token, personal])

  const open = useCallback(async () => {
    // Without its cookie the gate could let nobody through.
    if (!navigator.cookieEnabled) return setStage({ at: 'cookies-off' })
    if (sent) void loadPlayer()
    try {
      const link = await openLink(token)
      setPersonal(link.access !== 'link')
      setRecorded(link.recorded)
      setAsked(link.asked)
      if (link.watching && link.needs.length === 0) return await watch()
      setStage({ at: 'gate', link })
      void loadPlayer()
    } catch (error) {
      fail(error)
    }
  }, [token, sent, watch, fail])

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each link
  useEffect(() => void open(), [token])
  useEffect(() => {
    if (stage.at !== 'not-ready') return
    const look = async () => {
      const { preparing } = await openLink(token)
      if (preparing) setStage({ at: 'not-ready', percent: preparing.percent })
      else await watch()
    }
    void look().catch(fail)
    const timer = setInterval(() => void look().catch(fail), LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [stage.at, token, watch, fail])

  const renew = useCallback(() => startOrRenew(token), [token])
  const end = useCallback(
    (reason: EndReason) => {
      setStage({ at: 'stopped', reason })
      void reportBlack(token).catch(() => {})
    },
    [token],
  )

  switch (stage.at) {
    case 'opening':
      return poster ? <PosterPage src={poster} onGone={losePoster} /> : <OpeningPage />
    case 'gate':
      return (
        <Gate
          token={token}
          needs={stage.link.needs}
          agreement={stage.link.agreement}
          opensAt={stage.link.opensAt}
          signIn={stage.link.signIn}
          recorded={stage.link.recorded}
          onWatch={() => watch().catch(passOn(fail))}
          onOtherDevice={() => setStage({ at: 'other-device' })}
          onRefused={() => setStage({ at: 'refused' })}
        />
      )
    case 'playing': {
      const mark = stage.first.grant.watermark
      return (
        <ScreeningRoom token={token} grant={stage.first.grant} personal={personal} asked={asked}>
          {(onVideo) => (
            <Suspense fallback={poster && <Poster src={poster} onGone={losePoster} />}>
              <Player
                first={stage.first}
                issue={renew}
                eventsUrl={eventsUrl(token)}
                {...(recorded ? { progressUrl: progressUrl(token) } : {})}
                autoPlay
                overlay={mark && <Watermark text={mark} />}
                onVideo={onVideo}
                onEnd={end}
              />
            </Suspense>
          )}
        </ScreeningRoom>
      )
    }
    case 'not-ready':
      return <NotReadyPage percent={stage.percent} />
    case 'cookies-off':
      return <CookiesOffPage />
    case 'stopped':
      return (
        <StoppedPage reason={stage.reason}>
          <RecordButton token={token} />
        </StoppedPage>
      )
    case 'refused':
      return (
        <RefusedPage>
          <RecordButton token={token} />
        </RefusedPage>
      )
    case 'other-device':
      return <OtherDevicePage />
    case 'unreachable':
      return (
        <UnreachablePage
          error={stage.error}
          onRetry={() => {
            setStage({ at: 'opening' })
            void open()
          }}
        />
      )
  }
}

/** Refusals and "not ready" are pages of their own; what is left is the gate's to say. */
function passOn(fail: (error: unknown) => void) {
  return (error: unknown) => {
    if (error instanceof ApiError && [403, 404, 409, 410].includes(error.status)) return fail(error)
    throw error
  }
}
