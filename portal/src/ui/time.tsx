'use client'

import { useSyncExternalStore } from 'react'
import { classes } from './classes.ts'
import { dateInWords, exactInstant } from './words.ts'

const never = () => () => {}

/** True once the page runs in the reader's browser, whose zone and clock the server cannot know. */
export function useInBrowser(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}

/** An instant as people say it in their own zone; the exact time on hover. Holds its place until it is known. */
export function Instant({ at, className }: { at: string; className?: string }) {
  const inBrowser = useInBrowser()
  const date = new Date(at)
  return (
    <time
      dateTime={at}
      title={inBrowser ? exactInstant(date) : undefined}
      className={classes(!inBrowser && 'opacity-0', className)}
    >
      {inBrowser ? dateInWords(date, new Date()) : '27 Nov, 5:00 pm'}
    </time>
  )
}
