import { frontDoor } from './front-door-scenes.ts'
import type { Furnished } from './furnish.ts'
import { limited } from './limit-scenes.ts'
import type { Scene } from './scene.ts'
import { staff } from './staff-scenes.ts'
import { team } from './team-scenes.ts'
import { viewer } from './viewer-scenes.ts'

/** Every page and state of the portal. */
export function scenesOf(portal: Furnished, origin: string): Scene[] {
  const within = (url: string) => url.slice(origin.length)
  return [
    ...frontDoor(portal, within),
    ...team(portal),
    ...staff(portal),
    ...viewer(portal, within),
    ...limited(portal, within),
  ]
}
