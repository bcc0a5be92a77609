// A portal or a command in a process of its own, to be killed: `postgres-child.ts DATA_DIR portal|command [write]`.
// Says what happens in JSON lines; ends by itself when its standard input closes or says "stop".
import pg from 'pg'
import { openPostgres } from '../../portal/src/platform/embedded-postgres.ts'

const [dataDir = '', role, task] = process.argv.slice(2)
const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`)
const quiet = { info() {}, warn() {}, error() {} }

try {
  const postgres = await openPostgres({
    dataDir,
    exclusive: role === 'portal',
    log: quiet,
    onLost(error) {
      say({ lost: error.message })
      process.exit(3)
    },
  })
  say({ open: true, host: postgres.pool.host })
  process.stdin.on('data', async (text) => {
    if (String(text).includes('stop')) {
      await postgres.stop()
      say({ stopped: true })
      process.exit(0)
    }
  })
  if (task === 'write') await writeForEver(postgres.pool)
} catch (error) {
  say({ refused: (error as Error).message })
  process.exit(1)
}

async function writeForEver(config: pg.PoolConfig) {
  const pool = new pg.Pool(config)
  await pool.query('create table if not exists acknowledged (n bigint primary key)')
  const { rows } = await pool.query('select coalesce(max(n), 0)::int as last from acknowledged')
  for (let n = rows[0].last + 1; ; n += 1) {
    await pool.query('insert into acknowledged values ($1)', [n])
    say({ acknowledged: n })
  }
}
