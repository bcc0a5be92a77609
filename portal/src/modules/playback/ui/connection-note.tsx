'use client'

import { useEffect, useState } from 'react'

// Shown by media-chrome whether its controls are or not.
const ALWAYS_SHOWN = { noautohide: '' }

/** Says that the line is lost, and that nothing else is. */
export function ConnectionNote() {
  const [offline, setOffline] = useState(false)
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine)
    look()
    for (const name of ['online', 'offline']) addEventListener(name, look)
    return () => {
      for (const name of ['online', 'offline']) removeEventListener(name, look)
    }
  }, [])
  return (
    <div role="status" slot="top-chrome" {...ALWAYS_SHOWN} className="connection-note">
      {offline && (
        <p>
          No connection. What is loaded plays on, and the rest follows by itself when the connection is back.
        </p>
      )}
    </div>
  )
}
