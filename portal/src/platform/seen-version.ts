import { z } from 'zod'

/** One less than a column of 32 bits holds: the next version must fit too. */
const MOST = 2_147_483_646

/** The version that somebody looked at before they changed it: two people never overwrite each other unseen. */
export const seenVersion = z.int().min(0).max(MOST, 'is no version that ever was')
