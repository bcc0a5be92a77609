import { createServer, type Socket } from 'node:net'
import { listenOnFreePort } from './listen.ts'

export type ReceivedMail = { from: string; to: string[]; headers: Map<string, string>; text: string }

export type SmtpServer = {
  url: string
  received: ReceivedMail[]
  /** What the next messages meet: taken, put off (451), or no answer at all. */
  behave(how: 'take' | 'put_off' | 'hang'): void
  stop(): Promise<void>
}

/** As much of RFC 5321 as a client needs to hand over a mail; without TLS, for the loopback address alone. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const received: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  let how: 'take' | 'put_off' | 'hang' = 'take'

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    let envelope = { from: '', to: [] as string[] }
    let inData = false
    let pending = ''
    socket.write('220 localhost test server\r\n')
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      pending += chunk
      for (;;) {
        const end = pending.indexOf(inData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const text = pending.slice(0, end)
        pending = pending.slice(end + (inData ? 5 : 2))
        if (inData) {
          inData = false
          received.push({ ...envelope, ...readMessage(text) })
          envelope = { from: '', to: [] }
          socket.write('250 taken\r\n')
        } else {
          const answer = reply(text, envelope, how)
          inData = answer.startsWith('354')
          if (answer) socket.write(`${answer}\r\n`)
        }
      }
    })
  })
  const { port, stop } = await listenOnFreePort(server)
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    behave: (next) => {
      how = next
    },
    stop: () => {
      for (const socket of sockets) socket.destroy()
      return stop()
    },
  }
}

function reply(
  line: string,
  envelope: { from: string; to: string[] },
  how: 'take' | 'put_off' | 'hang',
): string {
  const [, verb = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? []
  const address = /<([^>]*)>/.exec(rest)?.[1] ?? ''
  if (verb.toUpperCase() === 'MAIL') {
    if (how === 'hang') return ''
    envelope.from = address
    return how === 'put_off' ? '451 try again later' : '250 ok'
  }
  if (verb.toUpperCase() === 'RCPT') envelope.to.push(address)
  if (verb.toUpperCase() === 'DATA') return '354 go on'
  if (verb.toUpperCase() === 'QUIT') return '221 bye'
  return /^(EHLO|HELO|RCPT|RSET|NOOP)$/i.test(verb) ? '250 localhost' : '502 not here'
}

function readMessage(text: string): { headers: Map<string, string>; text: string } {
  const split = text.indexOf('\r\n\r\n')
  const lines = text
    .slice(0, split)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = new Map(
    lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]+:\s*/, '')]),
  )
  const body = text.slice(split + 4).replace(/^\.\./gm, '.')
  return { headers, text: decodeBody(headers.get('content-transfer-encoding') ?? '7bit', body) }
}

function decodeBody(encoding: string, body: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
