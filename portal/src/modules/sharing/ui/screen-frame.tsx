import type { ReactNode } from 'react'
import { Mark } from '#portal/ui/mark.tsx'

/** The page around a shared video: the video is the page. */
export function ScreenFrame({
  head,
  screen,
  children,
}: {
  head?: ReactNode
  screen: ReactNode
  children?: ReactNode
}) {
  return (
    <div className="min-h-dvh">
      <header className="flex h-12 items-center justify-between gap-4 px-4 sm:h-14 sm:px-6">
        <Mark />
        {head}
      </header>
      <main className="mx-auto w-full max-w-[min(1152px,calc((100dvh-190px)*16/9))] min-w-0 max-sm:max-w-none sm:min-w-[min(560px,100%)] sm:px-4 min-[1800px]:max-w-[min(1600px,calc((100dvh-190px)*16/9))]">
        <div className="aspect-video max-h-dvh w-full overflow-hidden bg-[black] shadow-float sm:rounded-[16px]">
          {screen}
        </div>
        {children}
      </main>
    </div>
  )
}
