'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { THEME_DAYS } from '#portal/modules/privacy/rules.ts'
import { classes } from './classes.ts'

export type Theme = 'light' | 'dark' | 'system'

const choices = [
  { theme: 'light', label: 'Light', Icon: Sun },
  { theme: 'dark', label: 'Dark', Icon: Moon },
  { theme: 'system', label: 'As the system', Icon: Monitor },
] as const

/** Kept in a cookie, so that the server renders the right colours at once. */
function remember(theme: Theme) {
  const life = theme === 'system' ? 0 : THEME_DAYS * 86_400
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `__Host-mm.theme=${theme}; path=/; max-age=${life}; samesite=lax; secure`
  document.documentElement.classList.remove('light', 'dark')
  if (theme !== 'system') document.documentElement.classList.add(theme)
}

/** Three small buttons: light, dark, as the system. */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial)
  return (
    <fieldset className="inline-flex gap-0.5 rounded-control border border-line p-0.5">
      <legend className="sr-only">Colours</legend>
      {choices.map(({ theme: choice, label, Icon }) => (
        <button
          key={choice}
          type="button"
          aria-pressed={theme === choice}
          aria-label={label}
          title={label}
          onClick={() => {
            remember(choice)
            setTheme(choice)
          }}
          className={classes(
            'grid size-7 place-items-center rounded-chip max-sm:size-11',
            theme === choice ? 'bg-sunken text-ink' : 'text-ink-3 hover:text-ink',
          )}
        >
          <Icon size={15} aria-hidden />
        </button>
      ))}
    </fieldset>
  )
}
