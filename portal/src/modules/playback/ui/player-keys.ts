export type PlayerAct =
  | { act: 'toggle' | 'mute' | 'fullscreen' | 'captions' | 'help' }
  | { act: 'seek'; seconds: number }
  | { act: 'jump'; fraction: number }
  | { act: 'volume' | 'speed'; step: number }

const keys: Record<string, PlayerAct> = {
  ' ': { act: 'toggle' },
  k: { act: 'toggle' },
  // A television's remote control.
  enter: { act: 'toggle' },
  mediaplaypause: { act: 'toggle' },
  mediarewind: { act: 'seek', seconds: -10 },
  mediafastforward: { act: 'seek', seconds: 10 },
  j: { act: 'seek', seconds: -10 },
  l: { act: 'seek', seconds: 10 },
  arrowleft: { act: 'seek', seconds: -5 },
  arrowright: { act: 'seek', seconds: 5 },
  arrowup: { act: 'volume', step: 0.1 },
  arrowdown: { act: 'volume', step: -0.1 },
  m: { act: 'mute' },
  f: { act: 'fullscreen' },
  c: { act: 'captions' },
  '<': { act: 'speed', step: -1 },
  '>': { act: 'speed', step: 1 },
  '?': { act: 'help' },
}

/** What the help sheet says, in its order. */
export const keyHelp: { keys: string[]; says: string }[] = [
  { keys: ['Space', 'K'], says: 'Play or pause' },
  { keys: ['J', 'L'], says: 'Back or ahead ten seconds' },
  { keys: ['←', '→'], says: 'Back or ahead five seconds' },
  { keys: ['0', '…', '9'], says: 'To that tenth of the video' },
  { keys: ['↑', '↓'], says: 'Louder or quieter' },
  { keys: ['M'], says: 'Sound off or on' },
  { keys: ['C'], says: 'Captions off or on' },
  { keys: ['F'], says: 'Full screen' },
  { keys: ['<', '>'], says: 'Slower or faster' },
  { keys: ['?'], says: 'This sheet' },
]

/** The act of a key press in the player, or null where it means nothing here. */
export function actOfKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
): PlayerAct | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  if (/^[0-9]$/.test(event.key)) return { act: 'jump', fraction: Number(event.key) / 10 }
  return keys[event.key.toLowerCase()] ?? null
}

/** True where the focused part has its own use for the key: text fields, sliders, menus, and buttons for space. */
export function isTakenBy(path: EventTarget[], key: string): boolean {
  return path.some((node) => {
    if (!(node instanceof Element)) return false
    if (node.matches('input:not([type=range]), textarea, select, [contenteditable=true], dialog')) return true
    if (
      key.startsWith('Arrow') &&
      node.matches('[role=slider], input[type=range], [role^=menu], [role=radiogroup]')
    )
      return true
    return (
      (key === ' ' || key === 'Enter') &&
      node.matches('button, a, summary, [role=button], [role^=menuitem], media-play-button')
    )
  })
}

export const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]

/** The next speed above or below. */
export function nextSpeed(current: number, step: number): number {
  const nearest = speeds.reduce((best, speed, index) => {
    return Math.abs(speed - current) < Math.abs((speeds[best] ?? 1) - current) ? index : best
  }, 0)
  return speeds[Math.max(0, Math.min(speeds.length - 1, nearest + step))] ?? 1
}
