import type pg from 'pg'

/** What a filled database holds. */
export type Filling = {
  shares: number
  videos: number
  organisations: number
  people: number
  viewers: number
}

/** How many of everything stand beside so many shares. */
export function fillingFor(shares: number): Filling {
  const share = (part: number) => Math.max(10, Math.round(shares * part))
  return {
    shares,
    videos: share(0.06),
    organisations: share(0.002),
    people: share(0.005),
    viewers: share(0.4),
  }
}

/**
 * Fills an empty, migrated database as three years of use would: more each year, most links a week long, few
 * organisations with much, most views on few links, the last twelve hours' viewers partly at it. The same each time.
 */
export async function fillShares(pool: pg.Pool, filling: Filling, now: Date): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('select setseed(0.42)')
    await client.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'")
    // Rows first, indexes after them: a quarter of the time.
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(PLAIN_INDEXES)
    for (const { name } of indexes) await client.query(`drop index ${name}`)
    for (const [sql, values] of steps(filling, now)) await client.query(sql, values)
    for (const { definition } of indexes) await client.query(definition)
    await client.query('vacuum (analyze) shares, viewer_sessions, videos, organisations, users')
  } finally {
    client.release(true)
  }
}

const PLAIN_INDEXES = `select indexrelid::regclass as name, pg_get_indexdef(indexrelid) as definition from pg_index
  where not indisunique and indrelid in ('shares'::regclass, 'viewer_sessions'::regclass, 'videos'::regclass)`

type Step = [sql: string, values: unknown[]]

function steps({ shares, videos, organisations, people, viewers }: Filling, now: Date): Step[] {
  const at = now.toISOString()
  return [
    [
      `insert into organisations (id, name, region, created_at)
       select 'org_bench' || n,
         (array['Harbour','Northside','Tidal','Summit','Velodrome','Riverbank','Lighthouse','Granite'])[1 + n % 8] || ' ' ||
         (array['Films','Athletics','Studio','Coaching','Productions','Rowing','Gymnastics'])[1 + n % 7] || ' ' || n,
         'AU', $2::timestamptz - interval '3 years' from generate_series(1, $1::int) n`,
      [organisations, at],
    ],
    [
      `insert into users (id, name, email)
       select 'usr_bench' || n,
         (array['Ana','Bo','Chiara','Dara','Emil','Farah','Goran','Hana','Imre'])[1 + n % 9] || ' ' ||
         (array['Duarte','Lindqvist','Moreau','Nakamura','Okafor','Petrov','Rossi'])[1 + n % 7] || ' ' || n,
         'bench' || n || '@example.com' from generate_series(1, $1::int) n`,
      [people],
    ],
    [
      `insert into videos (id, organisation_id, owner_id, title, status, provider, asset_id, playback_id, duration_seconds, complete, created_at, checked_at)
       select 'vid_bench' || n, 'org_bench' || organisation, 'usr_bench' || (1 + organisation % $3::int),
         (array['Session','Start block','Relay handover','Warm-up','Final','Rough cut','Interview','Technique','Race analysis','Floor routine'])[1 + n % 10]
           || ' ' || n || ' · ' || (array['camera 1','camera 2','slow motion','heats','semi-final','evening','take 3'])[1 + n % 7],
         'ready', 'engine', 'asset-bench' || n, 'playback-bench' || n, 60 + n % 600, true, $4, $4
       from (select n, 1 + floor($2::int * power(random(), 2.5))::int as organisation from generate_series(1, $1::int) n) v`,
      [videos, organisations, people, at],
    ],
    [
      `insert into shares (id, video_id, organisation_id, created_by, access, token_hash, max_views, views_used, starts_at,
         expires_at, created_at, last_used_at, revoked_at, revoke_reason, revoked_by, region, approval, decided_by, decided_at, asks)
       select 'shr_' || md5('bench' || n) , video_id, organisation_id, created_by,
         (array['link','email','email','account'])[1 + n % 4],
         case when approval = 'open' then sha256(('bench' || n)::bytea) end, max_views,
         least(views, coalesce(max_views, views)), case when n % 150 = 0 then expires_at - interval '1 day' end,
         expires_at, created_at,
         case when views > 0 then created_at + (least(expires_at, $2::timestamptz) - created_at) * r5 end,
         case when revoked then created_at + (least(expires_at, $2::timestamptz) - created_at) * r5 end,
         case when revoked then 'no_longer_needed' end, case when revoked then created_by end,
         case when r6 < 0.88 then 'AU' when r6 < 0.97 then 'EU' else 'US' end, approval,
         case when approval in ('approved', 'declined') then 'usr_bench_staff' end,
         case when approval in ('approved', 'declined') then created_at + interval '3 hours' end,
         case when approval <> 'open' then array['life'] else '{}' end
       from (
         select n, 'vid_bench' || video as video_id, r5, r6, created_at,
           created_at + case when r3 < 0.85 then interval '7 days' when r3 < 0.95 then interval '1 day' * (1 + floor(r4 * 6))
             else interval '1 day' * (8 + floor(r4 * 80)) end as expires_at,
           case when r7 < 0.85 then null else 1 + floor(r4 * 10)::int end as max_views,
           case when r4 < 0.25 then 0 else floor(power(r6 + 0.02, -1.6))::int end as views,
           r2 < 0.06 and r1 >= 0.016 as revoked,
           case when r1 < 0.01 then 'declined' when r1 < 0.013 then 'pending' when r1 < 0.016 then 'approved' else 'open' end as approval
         from (
           select n, 1 + floor($3::int * power(random(), 2))::int as video,
             $2::timestamptz - interval '3 years' * (1 - power((n - random())::float8 / $1::int, 0.7)) as created_at,
             random() as r1, random() as r2, random() as r3, random() as r4, random() as r5, random() as r6, random() as r7
           from generate_series(1, $1::int) n) raw) share
       join lateral (select organisation_id, owner_id as created_by from videos where id = video_id) video on true`,
      [shares, at, videos],
    ],
    [
      `insert into viewer_sessions (id, share_id, cookie_hash, created_at, expires_at, playback_claim, view_started_at, token_expires_at, renewals)
       select 'vwr_' || md5('bench' || n), id, sha256(('viewer' || n)::bytea), began, least(expires_at, began + interval '12 hours'),
         'claim-bench-' || n, began, least(began + interval '1 hour' * random() * random(), $2::timestamptz + interval '5 minutes'), 5
       from (select row_number() over () as n, id, expires_at, greatest(created_at, last_used_at - interval '1 hour' * random()) as began
             from shares where views_used > 0 and approval = 'open' and revoked_at is null order by random() limit $1) viewer`,
      [viewers, at],
    ],
    [
      `update viewer_sessions set token_expires_at = $1::timestamptz + interval '4 minutes'
       where created_at > $1::timestamptz - interval '3 hours' and expires_at > $1`,
      [at],
    ],
  ]
}
