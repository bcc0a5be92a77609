'use client'

import { useState } from 'react'
import { AccountSection } from '#portal/modules/identity/ui/account-section.tsx'
import { api } from '#portal/ui/api-client.ts'
import { FormError, Tick } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import type { RecordingSetting } from '../answers.ts'

/** The organisation's own switch over everything that is kept of how its links are watched. */
export function RecordingSection({ setting }: { setting: RecordingSetting }) {
  const [recording, setRecording] = useState(setting.recording)
  const { busy, error, send } = useSend()
  const refresh = useReachableRefresh()
  return (
    <AccountSection
      title="What your organisation keeps of viewers"
      lead="It holds for every link of your organisation, whoever made it. Viewers are told before they watch."
    >
      <FormError>{error}</FormError>
      <Tick
        label="Keep which parts of a video are watched"
        hint={
          recording
            ? 'Each link can still be made without it.'
            : 'Nothing is kept, whatever a link says: only that somebody came, and when.'
        }
        checked={recording}
        disabled={busy}
        onChange={(event) => {
          const wanted = event.target.checked
          void send(async () => {
            await api('/api/organisation/recording', { method: 'PUT', body: { recording: wanted } })
            setRecording(wanted)
            refresh()
          })
        }}
      />
      {setting.setAt && (
        <p className="text-sm text-ink-2">
          Last switched by {setting.setByName ?? 'somebody who has left'}, <Instant at={setting.setAt} />.
        </p>
      )}
    </AccountSection>
  )
}
