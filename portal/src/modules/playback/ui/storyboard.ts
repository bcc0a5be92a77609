/**
 * Fetches a storyboard (WebVTT with `image#xywh=` cues) and its images while their token is fresh, and gives them back
 * as a blob URL that stays good for as long as the page does. Null where there is none yet.
 */
export async function keepStoryboard(
  url: string,
  signal: AbortSignal,
): Promise<{ url: string; text: string; release: () => void } | null> {
  const made: string[] = []
  const release = () => {
    for (const item of made) URL.revokeObjectURL(item)
  }
  const keep = (blob: Blob) => {
    const item = URL.createObjectURL(blob)
    made.push(item)
    return item
  }
  try {
    const answer = await fetch(url, { signal, referrerPolicy: 'no-referrer' })
    if (!answer.ok) return null
    let text = await answer.text()
    for (const image of imagesIn(text)) {
      const picture = await fetch(new URL(image, answer.url), { signal, referrerPolicy: 'no-referrer' })
      if (!picture.ok) throw new Error(`storyboard image: ${picture.status}`)
      text = text.replaceAll(`${image}#`, `${keep(await picture.blob())}#`)
    }
    return { url: keep(new Blob([text], { type: 'text/vtt' })), text, release }
  } catch {
    release()
    return null
  }
}

/** The different images that a storyboard's cues name. */
export function imagesIn(vtt: string): string[] {
  return [...new Set([...vtt.matchAll(/^(\S+)#xywh=/gm)].map((match) => match[1] ?? ''))]
}
