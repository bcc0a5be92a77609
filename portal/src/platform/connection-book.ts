import type { Socket } from 'node:net'

export type ConnectionBounds = {
  /** Open connections of this process. */
  total: number
  /** Of these, one address's. */
  perAddress: number
  /** Of these, one address's that have not brought a whole request head yet. */
  waitingPerAddress: number
}

/** One address gets half of all places at most, and a tenth for connections that have said nothing yet. */
export function boundsFor(total: number): ConnectionBounds {
  return { total, perAddress: Math.ceil(total / 2), waitingPerAddress: Math.max(20, Math.floor(total / 10)) }
}

/** waiting: no request yet; busy: one is being answered; idle: between two. */
type State = 'waiting' | 'busy' | 'idle'

export type Connection = {
  /** Where TLS is spoken, its socket once there is one. */
  socket: Socket
  readonly key: string
  readonly owner: Owner
  state: State
}

/** An address as it is counted. A reverse proxy of ours speaks for many and is `exempt` from an address's bounds. */
type Owner = { name: string; exempt: boolean; waiting: Set<Connection>; idle: Set<Connection>; busy: number }

/** Every open connection of a listener, by its address. */
export type ConnectionBook = {
  /** Takes a connection in, or null where there is no room that anybody could be asked for. */
  admit(socket: Socket): Connection | null
  of(socket: Socket): Connection | undefined
  move(connection: Connection, state: State): void
  all(): Iterable<Connection>
  readonly size: number
}

const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`
const sizeOf = ({ waiting, idle, busy }: Owner) => waiting.size + idle.size + busy

/**
 * Where an address, or all of them together, have their fill, the fullest address's connection that has waited longest
 * makes room: whoever holds many open for nothing loses them, and an honest neighbour behind the same address still
 * gets in. One that is being answered is never taken away.
 * @param nameOf the address as it is counted; null for a proxy of ours
 */
export function createConnectionBook(
  bounds: ConnectionBounds,
  nameOf: (address: string) => string | null,
  onCrowded: () => void = () => undefined,
): ConnectionBook {
  const open = new Map<string, Connection>()
  const owners = new Map<string, Owner>()

  const ownerOf = (address: string): Owner => {
    const counted = nameOf(address)
    const name = counted ?? `proxy ${address}`
    const owner = owners.get(name) ?? {
      ...{ name, exempt: counted === null, busy: 0 },
      ...{ waiting: new Set<Connection>(), idle: new Set<Connection>() },
    }
    owners.set(name, owner)
    return owner
  }
  const leave = (connection: Connection) => {
    if (!open.delete(connection.key)) return
    const { owner, state } = connection
    if (state === 'busy') owner.busy -= 1
    else owner[state].delete(connection)
    if (sizeOf(owner) === 0) owners.delete(owner.name)
  }
  const evict = (from: Owner | undefined, ...states: ('waiting' | 'idle')[]): boolean => {
    const [oldest] = states.flatMap((state) => from?.[state].values().next().value ?? [])
    if (!oldest) return false
    leave(oldest)
    oldest.socket.destroy()
    return true
  }
  const fullest = () => {
    let found: Owner | undefined
    for (const owner of owners.values())
      if (owner.waiting.size + owner.idle.size > (found ? found.waiting.size + found.idle.size : 0))
        found = owner
    return found
  }
  const makeRoom = (owner: Owner): boolean => {
    const crowd = !owner.exempt && owner.waiting.size >= bounds.waitingPerAddress
    const fill = !owner.exempt && sizeOf(owner) >= bounds.perAddress
    const full = open.size >= bounds.total
    if (crowd || fill || full) onCrowded()
    if (crowd && !evict(owner, 'waiting')) return false
    if (fill && !crowd && !evict(owner, 'waiting', 'idle')) return false
    return open.size < bounds.total || evict(fullest(), 'waiting', 'idle')
  }

  return {
    admit(socket) {
      const owner = ownerOf(socket.remoteAddress ?? 'unknown')
      if (!makeRoom(owner)) {
        if (sizeOf(owner) === 0) owners.delete(owner.name)
        return null
      }
      // Making room may have emptied the owner, and so forgotten it.
      owners.set(owner.name, owner)
      const connection: Connection = { socket, key: keyOf(socket), owner, state: 'waiting' }
      open.set(connection.key, connection)
      owner.waiting.add(connection)
      socket.once('close', () => leave(connection))
      return connection
    },
    of: (socket) => open.get(keyOf(socket)),
    move(connection, state) {
      if (open.get(connection.key) !== connection || connection.state === state) return
      const { owner } = connection
      if (connection.state === 'busy') owner.busy -= 1
      else owner[connection.state].delete(connection)
      connection.state = state
      if (state === 'busy') owner.busy += 1
      else owner[state].add(connection)
    },
    all: () => open.values(),
    get size() {
      return open.size
    },
  }
}
