// A sequencer in a process of its own, to be killed: `node sequencer-child.ts DATABASE_URL ANCHOR KEY_FILE NAME
// SEAL_KEY`.
import pino from 'pino'
import { fileAnchor } from '../../portal/src/modules/audit/anchor.ts'
import { createHeadSigner } from '../../portal/src/modules/audit/head-signer.ts'
import { keyFile } from '../../portal/src/modules/audit/key-file.ts'
import { openKeyRing } from '../../portal/src/modules/audit/key-ring.ts'
import { createSequencer } from '../../portal/src/modules/audit/sequencer.ts'
import { createPool } from '../../portal/src/platform/db.ts'
import { oneKey } from './one-key.ts'

const [url = '', anchorFile = '', keys = '', origin = '', sealKey = ''] = process.argv.slice(2)
const log = pino({ level: 'silent' })
const clock = () => new Date()
const pool = createPool({ connectionString: url, max: 2 }, log)
const file = keyFile(keys, oneKey(Buffer.from(sealKey, 'hex')))
const ring = await openKeyRing({ origin, seed: undefined, file, clock })
const headSigner = createHeadSigner({ origin, keys: ring, anchor: fileAnchor(anchorFile) })
const sequencer = createSequencer({ pool, headSigner, keys: ring, clock, log, batchLimit: 3 })
process.stdout.write('up\n')
for (;;) await sequencer.checkpoint()
