import { describe, expect, it } from 'vitest'
import { attachProgress, type Batch, type Taken } from './progress-beacon.ts'

/** A video that plays by a clock of the test's own, with the events that browsers send. */
function fakeVideo() {
  const events = new EventTarget()
  return {
    currentTime: 0,
    paused: true,
    seeking: false,
    playbackRate: 1,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    emit: (name: string) => events.dispatchEvent(new Event(name)),
  }
}

function watch(answers: Taken[] = []) {
  const video = fakeVideo()
  let wall = 1000
  let hide = () => {}
  let tick = () => {}
  let nextTick = 15_000
  const sent: Batch[] = []
  const last: Batch[] = []
  const detach = attachProgress(video as never, '/progress', {
    now: () => wall,
    newRun: () => 'run-one-1',
    repeat(run) {
      tick = run
      return () => {
        tick = () => {}
      }
    },
    onHide(listener) {
      hide = listener
      return () => {}
    },
    async send(batch) {
      sent.push(batch)
      return answers.shift() ?? 'kept'
    },
    sendLast: (batch) => last.push(batch),
  })
  return {
    video,
    sent,
    last,
    detach,
    hide: () => hide(),
    play() {
      video.paused = false
      video.emit('playing')
    },
    pause() {
      video.paused = true
      video.emit('pause')
    },
    seek(to: number) {
      video.seeking = true
      video.currentTime = to
      video.emit('seeking')
      video.seeking = false
      video.emit('playing')
    },
    /** Lets time pass; the picture moves with it where the video plays. */
    async pass(seconds: number, options: { stepMs?: number } = {}) {
      const stepMs = options.stepMs ?? 250
      for (let left = seconds * 1000; left > 0; left -= stepMs) {
        wall += stepMs
        if (!video.paused) {
          video.currentTime += (stepMs / 1000) * video.playbackRate
          video.emit('timeupdate')
        }
        if (wall - 1000 >= nextTick) {
          nextTick += 15_000
          tick()
          await settle()
        }
      }
    },
    /** The machine sleeps: clocks that stand still in sleep do, or do not; the picture stands. */
    sleep(seconds: number) {
      wall += seconds * 1000
    },
  }
}

/** Lets promises that are settled already run on. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

const segmentsOf = (batches: Batch[]) => batches.flatMap((batch) => batch.segments)
const total = (batches: Batch[]) =>
  Math.round(segmentsOf(batches).reduce((sum, [from, to]) => sum + to - from, 0) * 1000) / 1000

describe('the beacon', () => {
  it('reports what was played every 15 s, numbered, without a gap and without an overlap', async () => {
    const w = watch()
    w.play()
    await w.pass(45)
    expect(w.sent.map(({ seq, run }) => `${run} ${seq}`)).toEqual([
      'run-one-1 1',
      'run-one-1 2',
      'run-one-1 3',
    ])
    expect(segmentsOf(w.sent)).toEqual([
      [0, 15],
      [15, 30],
      [30, 45],
    ])
  })

  it('leaves out what was jumped over, and counts what is played again', async () => {
    const w = watch()
    w.play()
    await w.pass(4)
    w.seek(100)
    await w.pass(3)
    w.seek(0)
    await w.pass(2)
    w.pause()
    await settle()
    expect(segmentsOf(w.sent)).toEqual([
      [0, 4],
      [100, 103],
      [0, 2],
    ])
  })

  it('takes a jump without an event for one, too', async () => {
    const w = watch()
    w.play()
    await w.pass(4)
    w.video.currentTime = 60
    await w.pass(2)
    w.pause()
    await settle()
    expect(segmentsOf(w.sent)).toEqual([
      [0, 4],
      [60.25, 62],
    ])
  })

  it('counts media time at double speed', async () => {
    const w = watch()
    w.video.playbackRate = 2
    w.play()
    await w.pass(15)
    expect(total(w.sent)).toBe(30)
  })

  it('reports at a pause, and nothing while the picture stands', async () => {
    const w = watch()
    w.play()
    await w.pass(5)
    w.pause()
    await settle()
    await w.pass(3600, { stepMs: 15_000 })
    expect(w.sent).toHaveLength(1)
    expect(total(w.sent)).toBe(5)
  })

  it('has its last word when the page is hidden, and goes on behind it', async () => {
    const w = watch()
    w.play()
    await w.pass(6)
    w.hide()
    expect(segmentsOf(w.last)).toEqual([[0, 6]])
    // A hidden tab hears of the time once a second.
    await w.pass(14, { stepMs: 1000 })
    expect(segmentsOf(w.sent)).toEqual([[6, 15]])
  })

  it('counts no sleep as watching', async () => {
    const w = watch()
    w.play()
    await w.pass(5)
    w.sleep(8 * 3600)
    await w.pass(5)
    w.pause()
    await settle()
    expect(total([...w.sent, ...w.last])).toBe(10)
  })

  it('sends again what did not arrive, under its old number, and loses nothing meanwhile', async () => {
    const w = watch(['failed', 'failed', 'kept'])
    w.play()
    await w.pass(60)
    w.pause()
    await settle()
    expect(w.sent.map(({ seq }) => seq)).toEqual([1, 1, 1, 2])
    const kept = new Map(w.sent.map((batch) => [batch.seq, batch]))
    expect(total([...kept.values()])).toBe(60)
  })

  it('says no more once nothing is wanted', async () => {
    const w = watch(['unwanted'])
    w.play()
    await w.pass(90)
    w.detach()
    expect(w.sent).toHaveLength(1)
    expect(w.last).toHaveLength(0)
  })

  it('is quiet after it was taken off', async () => {
    const w = watch()
    w.play()
    await w.pass(5)
    w.detach()
    await w.pass(60)
    expect(w.sent).toHaveLength(0)
    expect(total(w.last)).toBe(5)
  })
})
