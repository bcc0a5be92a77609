import type { ChipTone } from '#portal/ui/chip.tsx'
import type { WebhookTry, WebhookView } from '../answers.ts'

type Words = { title: string; advice: string }

const CAUSES: Record<string, Words> = {
  provider_unavailable: {
    title: 'The video service didn’t answer',
    advice: 'Replay when it answers again; the schedule does so by itself.',
  },
  provider_refused: {
    title: 'The video service refused to tell',
    advice: 'Look at the credentials and at the object over there, then replay.',
  },
  database: { title: 'The database failed', advice: 'Replay once it is well.' },
  interrupted: {
    title: 'The portal ended while applying it',
    advice: 'Something about it ends the process: look at the log before you replay.',
  },
  unexpected: {
    title: 'A fault in the portal',
    advice: 'Report it with the error below; replay after the mend.',
  },
}

/** A cause of failure in a few words, and what to do about it. */
export function causeInWords(cause: string | null): Words {
  return CAUSES[cause ?? ''] ?? { title: cause ?? 'Not known', advice: 'Look at the error.' }
}

const REASONS: Record<string, string> = {
  signature: 'Signature doesn’t hold',
  replay: 'Sent before, signature and all',
  too_large: 'Larger than 1 MiB',
  not_text: 'No text',
  not_an_event: 'Signed, and no event',
  incomplete: 'Broke off',
}

export const rejectionInWords = (reason: string) => REASONS[reason] ?? reason

const OUTCOMES: Record<NonNullable<WebhookView['outcome']>, string> = {
  applied: 'Applied',
  nothing_to_do: 'Of another service',
  unknown_type: 'Kept, left alone',
  unknown_object: 'About nothing here',
}

/** Where an event stands, and how that looks. */
export function stateInWords(event: Pick<WebhookView, 'state' | 'outcome' | 'attempts' | 'replayId'>): {
  words: string
  tone: ChipTone
} {
  if (event.replayId && event.state === 'dead') return { words: 'Being replayed', tone: 'warn' }
  if (event.state === 'dead') return { words: 'Dead letter', tone: 'stop' }
  if (event.state === 'discarded') return { words: 'Discarded', tone: 'neutral' }
  if (event.state === 'pending')
    return event.attempts > 0
      ? { words: 'Tried again soon', tone: 'warn' }
      : { words: 'Waits', tone: 'neutral' }
  return {
    words: event.outcome ? OUTCOMES[event.outcome] : 'Applied',
    tone: event.outcome === 'applied' ? 'proof' : 'neutral',
  }
}

const ORIGINS: Record<WebhookTry['origin'], string> = {
  delivery: 'by itself',
  schedule: 'by the schedule',
  person: 'by staff',
  command: 'by a command',
}

const STEPS: Record<string, string> = {
  retry: 'then: tried again soon',
  dead_letter: 'then: a dead letter',
  replay: 'then: replayed again in hours',
}

/** "Try 3 failed, by itself; then: tried again soon" */
export function tryInWords({ number, outcome, origin, nextStep }: WebhookTry): string {
  const step = STEPS[nextStep]
  return `Try ${number} ${outcome === 'applied' ? 'succeeded' : 'failed'}, ${ORIGINS[origin]}${step ? `; ${step}` : ''}`
}

/** 'type:video.asset.warming_up' → "New type: video.asset.warming_up" */
export function kindInWords(kind: string): string {
  const [what, type = '', field = ''] = kind.split(':')
  return what === 'type' ? `New type: ${type}` : `New shape: ${type}, field ${field}`
}
