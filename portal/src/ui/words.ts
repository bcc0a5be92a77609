const sizes = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes in decimal units: 4_200_000_000 → "4.2 GB". */
export function bytesInWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit < 2 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${sizes[unit]}`
}

/** Seconds as a player shows them: 596 → "09:56", 3723 → "1:02:03". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const pair = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const rest = `${pair(Math.floor((whole % 3600) / 60))}:${pair(whole % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

/** Seconds as a person says them: 80 → "1 min 20 s", 11_520 → "3 h 12 min". */
export function durationInWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 600 && whole % 60 !== 0) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

/** "1 video", "24 videos". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${numberInWords(count)} ${count === 1 ? one : many}`
}

/** Groups digits with a thin gap: 18204 → "18 204". */
export function numberInWords(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009')
}

/** A date as people say it, in the reader's zone: "today, 5:00 pm", "27 Nov, 5:00 pm", "3 Feb 2027". */
export function dateInWords(instant: Date, now: Date): string {
  const day = (date: Date) => date.toLocaleDateString('en-CA')
  const time = instant
    .toLocaleTimeString('en-AU', { hour: 'numeric', minute: '2-digit' })
    .replace(/\s?([ap])\.?m\.?/i, (_, half: string) => ` ${half.toLowerCase()}m`)
  if (day(instant) === day(now)) return `today, ${time}`
  if (instant.getFullYear() !== now.getFullYear()) {
    return instant.toLocaleDateString('en-AU', { day: 'numeric', month: 'short', year: 'numeric' })
  }
  const date = instant.toLocaleDateString('en-AU', { day: 'numeric', month: 'short' })
  return `${date}, ${time}`
}

/** The exact instant for a title or a receipt: "27 November 2026 at 17:00:03 AEDT". */
export function exactInstant(instant: Date): string {
  return instant.toLocaleString('en-AU', { dateStyle: 'long', timeStyle: 'long', hour12: false })
}

/** Up to two letters for an avatar: "Ana Duarte" → "AD". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => Array.from(word ?? '')[0]?.toUpperCase() ?? '').join('')
}
