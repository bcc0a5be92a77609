import fc from 'fast-check'
import { BROWSERS, type Browser, type Move, PEOPLE, type Step, TARGETS, type Wish } from './share-model.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const browser: fc.Arbitrary<Browser> = fc.constantFrom(...BROWSERS)
/** True in one of so many. */
const oneIn = (many: number) => fc.integer({ min: 1, max: many }).map((drawn) => drawn === many)
/** What is mostly not there: null but in one of so many. */
const mostlyNull = <T>(one: fc.Arbitrary<T>, many: number) =>
  fc.oneof({ arbitrary: fc.constant(null), weight: many - 1 }, { arbitrary: one, weight: 1 })
const list = fc.oneof(
  { arbitrary: fc.constant<string[]>([]), weight: 4 },
  {
    arbitrary: fc.subarray(['first', 'second', '@guests', '@elsewhere'], { minLength: 1, maxLength: 2 }),
    weight: 1,
  },
)

const wish: fc.Arbitrary<Wish> = fc
  .record({
    access: fc.constantFrom('link' as const, 'account' as const),
    // A password takes a hash that is slow on purpose.
    password: oneIn(60),
    agreement: oneIn(8),
    oneDevice: oneIn(4),
    allow: list,
    deny: list,
    maxViews: mostlyNull(fc.integer({ min: 1, max: 3 }), 3),
    maxViewers: mostlyNull(fc.integer({ min: 1, max: 2 }), 3),
    startsInMs: mostlyNull(fc.constantFrom(5 * MINUTE, 2 * HOUR), 8),
    livesMs: fc.constantFrom(3 * HOUR, 20 * HOUR, 48 * HOUR),
    by: fc.constantFrom('owner' as const, 'owner' as const, 'colleague' as const),
    video: fc.constantFrom(0 as const, 0 as const, 1 as const),
  })
  // Only who proves an address can be on a list.
  .map((made) => (made.access === 'link' ? { ...made, allow: [], deny: [] } : made))

/** Steps towards one of so many shares. */
function stepsOn(shares: number) {
  const share = fc.nat({ max: shares - 1 })
  const by = fc.constantFrom('owner' as const, 'owner' as const, 'staff' as const)
  const who = fc.constantFrom('asker' as const, 'other' as const, 'other' as const)
  const play = fc.record({ do: fc.constant('play' as const), share, browser })
  const verify = fc.record({
    do: fc.constant('verify' as const),
    share,
    browser,
    with: fc.constantFrom(
      'nothing' as const,
      'right-password' as const,
      'wrong-password' as const,
      'agreement' as const,
    ),
  })
  const release = fc.record({ do: fc.constant('release' as const), share })
  const revoke = fc.record({ do: fc.constant('revoke' as const), share, by })
  const cancel = fc.record({ do: fc.constant('cancel' as const), share, by })
  const revokeVideo = fc.record({
    do: fc.constant('revoke-video' as const),
    video: fc.constantFrom(0 as const, 1 as const),
  })
  const schedule = fc.record({
    do: fc.constant('schedule' as const),
    share,
    by,
    inMs: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR, 14 * HOUR, 3 * DAY, -MINUTE),
  })
  const extend = fc.record({
    do: fc.constant('extend' as const),
    share,
    toMs: fc.constantFrom(null, HOUR, 20 * HOUR, 50 * HOUR, 6 * DAY, 9 * DAY, 9 * DAY, 100 * DAY),
    views: mostlyNull(fc.integer({ min: 1, max: 5 }), 3),
  })
  const decideExtension = fc.record({
    do: fc.constant('decide-extension' as const),
    share,
    decision: fc.constantFrom('approve' as const, 'approve' as const, 'decline' as const),
  })
  const stranger = fc.record({
    do: fc.constant('stranger' as const),
    share,
    tries: fc.constantFrom('revoke', 'extend', 'schedule', 'cancel', 'release'),
  }) as fc.Arbitrary<Step>
  const request = fc.record({
    do: fc.constant('request' as const),
    of: fc.constantFrom(...TARGETS, 'first' as const, 'second' as const),
    emergency: oneIn(3),
  })
  const decide = fc.record({
    do: fc.constant('decide' as const),
    by: who,
    decision: fc.constantFrom('approve' as const, 'approve' as const, 'decline' as const),
  })
  const review = fc.record({ do: fc.constant('review' as const), by: who })
  const readmit = fc.record({
    do: fc.constant('readmit' as const),
    who: fc.constantFrom(PEOPLE[1], PEOPLE[2]),
  })
  const tick: fc.Arbitrary<Step> = fc.constant({ do: 'tick' })
  const open = fc.record({ do: fc.constant('open' as const), share, browser })
  const look = fc.record({ do: fc.constant('look' as const), share })
  const wait = fc.record({
    do: fc.constant('wait' as const),
    ms: fc.constantFrom(MINUTE, 6 * MINUTE, 20 * MINUTE, 2 * HOUR, 13 * HOUR, 13 * HOUR, 8 * DAY),
  })
  const often = (weight: number, ...of: fc.Arbitrary<Step>[]) =>
    of.map((arbitrary) => ({ arbitrary, weight }))
  return {
    steps: {
      play,
      verify,
      extend,
      decideExtension,
      request,
      decide,
      review,
      schedule,
      cancel,
      release,
      readmit,
      wait,
    },
    alone: fc.oneof(
      ...often(6, play),
      ...often(5, open, wait),
      ...often(3, verify, extend, schedule, request),
      ...often(2, look, tick),
      ...often(1, release, decide, cancel, decideExtension, revoke, revokeVideo, review, readmit, stranger),
    ),
    /** For one moment: what visitors do, what may come between them, and changes of a share's end. */
    visitor: fc.oneof(...often(4, play), ...often(1, verify)),
    meddler: fc.oneof(
      ...often(3, revoke, schedule, request),
      ...often(2, extend, decide, release, tick),
      ...often(1, cancel, decideExtension, revokeVideo, readmit, review),
    ),
    change: fc.oneof(...often(2, extend, schedule), ...often(1, cancel, decideExtension)),
  }
}

/** Steps that each may end links of several videos or people, in several transactions. */
const endsMany = (step: Step) => ['revoke-video', 'request', 'decide', 'tick'].includes(step.do)

type Steps = ReturnType<typeof stepsOn>

function together({ visitor, meddler, change }: Steps): fc.Arbitrary<Move> {
  const visits = fc.tuple(fc.array(visitor, { maxLength: 3 }), fc.array(meddler, { maxLength: 2 }))
  const changes = fc.tuple(
    fc.array(visitor, { maxLength: 1 }),
    fc.array(change, { minLength: 2, maxLength: 2 }),
  )
  return (
    fc
      .oneof({ arbitrary: visits, weight: 2 }, { arbitrary: changes, weight: 1 })
      .map((move) => move.flat())
      // Two ends of many share what there is to end, in whatever portions.
      .filter((move) => move.length > 1 && move.filter(endsMany).length < 2)
  )
}

/** What mostly comes one after the other: by chance alone it seldom would. */
function phrases({ alone, steps, ...rest }: Steps): fc.Arbitrary<Move[]> {
  const {
    play,
    verify,
    extend,
    decideExtension,
    request,
    decide,
    review,
    schedule,
    cancel,
    release,
    readmit,
    wait,
  } = steps
  const arrive = fc
    .tuple(verify, play)
    .map(([gate, watch]) => [gate, { ...watch, share: gate.share, browser: gate.browser }])
  const agreed = fc.tuple(extend, decideExtension).map(([asked, decided]) => [
    { ...asked, toMs: 9 * DAY },
    { ...decided, share: asked.share },
  ])
  const second = fc
    .tuple(request, decide, play)
    .map(([asked, decided, watch]) => [{ ...asked, emergency: false }, decided, watch])
  const reviewed = fc
    .tuple(request, play, review)
    .map(([asked, ...after]) => [{ ...asked, emergency: true }, ...after])
  const planned = fc
    .tuple(schedule, fc.oneof(cancel, wait, extend))
    .map(([due, after]) => [due, 'share' in after ? { ...after, share: due.share } : after])
  const due = fc.tuple(schedule, wait).map(([at, later]): Step[] => [at, later, { do: 'tick' }])
  const freed = fc
    .tuple(play, release, play)
    .map(([watch, free, again]) => [watch, { ...free, share: watch.share }, { ...again, share: watch.share }])
  const back = fc
    .tuple(request, readmit, verify)
    .map(([asked, { who }, gate]) => [
      { ...asked, of: who, emergency: true },
      { do: 'readmit' as const, who },
      gate,
    ])
  const written: fc.Arbitrary<Step[]> = fc.oneof(
    { arbitrary: arrive, weight: 8 },
    ...[agreed, second, planned, due, freed].map((arbitrary: fc.Arbitrary<Step[]>) => ({
      arbitrary,
      weight: 2,
    })),
    ...[reviewed, back].map((arbitrary: fc.Arbitrary<Step[]>) => ({ arbitrary, weight: 1 })),
  )
  return fc.oneof(
    { arbitrary: alone.map((one): Move[] => [[one]]), weight: 3 },
    { arbitrary: written.map((steps): Move[] => steps.map((one) => [one])), weight: 2 },
    { arbitrary: together({ alone, steps, ...rest }).map((move): Move[] => [move]), weight: 1 },
  )
}

const movesOn = (shares: number): fc.Arbitrary<Move[]> =>
  fc.array(phrases(stepsOn(shares)), { minLength: 1, maxLength: 6 }).map((told) => told.flat())

export type Sequence = { wishes: Wish[]; cookies: boolean[]; moves: Move[] }

/** One share, or two of one organisation, and what people do with them. */
export const sequence: fc.Arbitrary<Sequence> = fc
  .array(wish, { minLength: 1, maxLength: 2 })
  .chain((wishes) =>
    fc.record({
      wishes: fc.constant(wishes),
      cookies: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      moves: movesOn(wishes.length),
    }),
  )
