'use client'

import { Upload } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { buttonClass } from '#portal/ui/button.tsx'
import { filesOfDrop } from './file-handle.ts'
import type { ChosenFile } from './queue-item.ts'

export const VIDEO_FILES =
  'video/*,audio/*,.mkv,.mxf,.ts,.mts,.m2ts,.avi,.wmv,.flv,.3gp,.dv,.vob,.mov,.mp4,.m4v,.webm,.mpg,.mpeg'

/** The button that opens the file chooser; takes several files at once. */
export function UploadButton({
  onFiles,
  label = 'Upload',
}: {
  onFiles: (files: ChosenFile[]) => void
  label?: string
}) {
  const input = useRef<HTMLInputElement>(null)
  const take = useRef(onFiles)
  take.current = onFiles
  const takeChosen = useCallback((chooser: HTMLInputElement) => {
    const files = [...(chooser.files ?? [])].map((file) => ({ file }))
    chooser.value = ''
    if (files.length > 0) take.current(files)
  }, [])
  // Files chosen before the page came to life have raised no event that anybody heard.
  useEffect(() => {
    if (input.current) takeChosen(input.current)
  }, [takeChosen])
  return (
    <>
      <button type="button" className={buttonClass('solid')} onClick={() => input.current?.click()}>
        <Upload size={16} aria-hidden />
        {label}
      </button>
      <input
        ref={input}
        type="file"
        accept={VIDEO_FILES}
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => takeChosen(event.currentTarget)}
      />
    </>
  )
}

/** Files dropped anywhere on the page are taken; while they hover, the page says so. */
export function DropZone({ onFiles }: { onFiles: (files: ChosenFile[]) => void }) {
  const [over, setOver] = useState(false)
  const take = useRef(onFiles)
  take.current = onFiles
  useEffect(() => {
    let depth = 0
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth += 1
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth -= 1
      if (depth <= 0) setOver(false)
    }
    const hover = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault()
    }
    const drop = async (event: DragEvent) => {
      if (!event.dataTransfer || !hasFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      take.current(await filesOfDrop(event.dataTransfer))
    }
    addEventListener('dragenter', enter)
    addEventListener('dragleave', leave)
    addEventListener('dragover', hover)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragenter', enter)
      removeEventListener('dragleave', leave)
      removeEventListener('dragover', hover)
      removeEventListener('drop', drop)
    }
  }, [])
  if (!over) return null
  return (
    <div aria-hidden className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-bg/85 p-6">
      <p className="rounded-panel border-2 border-dashed border-focus bg-surface px-10 py-8 text-lg font-medium shadow-float">
        Drop to upload
      </p>
    </div>
  )
}
