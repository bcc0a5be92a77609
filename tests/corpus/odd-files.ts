import { ODD_BREAKAGES } from './odd-breakages.ts'
import type { OddFile } from './odd-file.ts'
import { ODD_PICTURES } from './odd-pictures.ts'
import { ODD_SOUNDS } from './odd-sounds.ts'
import { ODD_TIMES } from './odd-times.ts'
import { ODD_WRAPPINGS } from './odd-wrappings.ts'

/** In an order in which they can be made: wrappings and breakages are made of what stands before them. */
export const ODD_FILES: OddFile[] = [
  ...ODD_PICTURES,
  ...ODD_TIMES,
  ...ODD_SOUNDS,
  ...ODD_WRAPPINGS,
  ...ODD_BREAKAGES,
]
