import { Redis } from 'ioredis'

const TIME = "redis.call('TIME')"
const SHIFTED = `(function()
  local time = ${TIME}
  time[1] = time[1] + (redis.call('GET', 'clock-shift') or 0)
  return time
end)()`

/** Makes the scripts of clients created from now on read a clock that can be set. Gives what undoes that. */
export function shiftableClock(): () => void {
  const { defineCommand } = Redis.prototype
  Redis.prototype.defineCommand = function (name, definition) {
    if (!definition.lua?.includes(TIME)) throw new Error(`${name} reads no clock`)
    return defineCommand.call(this, name, { ...definition, lua: definition.lua.replace(TIME, SHIFTED) })
  }
  return () => {
    Redis.prototype.defineCommand = defineCommand
  }
}

/** Sets that clock; put ahead, the server lets every key expire, as it would. @param seconds ahead of the right time */
export async function shiftClock(url: string, seconds: number): Promise<void> {
  const redis = new Redis(url)
  try {
    await redis.set('clock-shift', seconds)
    const counts = (await redis.keys('mm:limit:*')).filter((key) => !key.endsWith(':epoch'))
    if (seconds > 0 && counts.length > 0) await redis.del(...counts)
  } finally {
    redis.disconnect()
  }
}
