import type { Metadata } from 'next'
import { readMeasurements } from '#portal/modules/reliability/probe/read-measurements.ts'
import { ask, mustHaveShareUi } from '../../../../door.ts'
import { RevocationBoard } from './revocation-board.tsx'

export const metadata: Metadata = { title: 'Time to black' }

export default async function RevocationPage() {
  await mustHaveShareUi()
  return <RevocationBoard measured={await ask(readMeasurements, {})} />
}
