'use client'

import { useEffect, useRef, useState } from 'react'
import './watermark.css'

const MOVE_MS = 12_000
// Three columns and four rows; none lies where the controls are.
const PLACES = 12
// media-chrome fades everything else with its controls.
const ALWAYS_SHOWN = { noautohide: '' }

/**
 * Who is watching, drawn over the picture where it moves about, with the time. It discourages and names a source; a
 * viewer who takes the page apart can hide it, which is said where it is switched on.
 */
export function Watermark({ text }: { text: string }) {
  const [place, setPlace] = useState(0)
  const [time, setTime] = useState('')
  const step = useRef(0)
  useEffect(() => {
    const move = () => {
      // Five and twelve share no divisor: every place has its turn.
      step.current = (step.current + 5) % PLACES
      setPlace(step.current)
      setTime(new Date().toISOString().slice(0, 16).replace('T', ' '))
    }
    move()
    const timer = setInterval(move, MOVE_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <div
      aria-hidden
      slot="middle-chrome"
      {...ALWAYS_SHOWN}
      className="watermark"
      data-column={place % 3}
      data-row={Math.floor(place / 3) % 4}
    >
      <span className="watermark-who">{text}</span> {time && <span>{`${time} UTC`}</span>}
    </div>
  )
}
