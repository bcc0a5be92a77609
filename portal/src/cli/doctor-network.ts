import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Settings } from '../platform/env.ts'
import { isLoopback } from '../platform/settings/loopback.ts'
import { readCertificate } from '../platform/tls-certificate.ts'
import type { Check } from './doctor-checks.ts'

const DEADLINE_MS = 5000

/** Whether the portal can listen, or does already. */
export async function checkPort({
  PORT,
  HOST,
  ...tls
}: Pick<Settings, 'PORT' | 'HOST'> &
  Partial<Pick<Settings, 'TLS_CERT_FILE' | 'INTERNAL_URL'>>): Promise<Check> {
  const name = 'port'
  const server = createServer()
  try {
    server.listen(PORT, HOST)
    await once(server, 'listening')
    return { name, status: 'ok', message: `${PORT} is free on ${HOST}.` }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && (await isPortal(PORT, HOST, tls))) {
      return { name, status: 'ok', message: `${PORT}: the portal runs there.` }
    }
    const why = {
      EADDRINUSE: `${PORT} is taken by another program: stop it, or set PORT to a free one.`,
      EACCES: `${PORT} is for root alone: set PORT to one above 1023, with a reverse proxy in front.`,
      EADDRNOTAVAIL: `HOST ${HOST} is no address of this machine: set it to one that is.`,
    }[code ?? '']
    return {
      name,
      status: 'fail',
      message: why ?? `${HOST}:${PORT} can't be listened on (${code}): set HOST and PORT.`,
    }
  } finally {
    server.close()
  }
}

async function isPortal(
  port: number,
  host: string,
  { TLS_CERT_FILE, INTERNAL_URL }: Partial<Pick<Settings, 'TLS_CERT_FILE' | 'INTERNAL_URL'>>,
): Promise<boolean> {
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  // In TLS it answers by its name; plain HTTP for ourselves is beside it.
  const origin = TLS_CERT_FILE && INTERNAL_URL ? INTERNAL_URL : `http://${address}:${port}`
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const answer = await fetch(`${origin}/api/health/live`, { signal })
    return ((await answer.json()) as { status?: string }).status === 'live'
  } catch {
    return false
  }
}

/** The certificate that the portal itself would serve, and how long it holds. */
export async function checkTls({
  TLS_CERT_FILE: certFile,
  TLS_KEY_FILE: keyFile,
  PUBLIC_URL,
}: Pick<Settings, 'TLS_CERT_FILE' | 'TLS_KEY_FILE' | 'PUBLIC_URL'>): Promise<Check> {
  const name = 'tls'
  if (!certFile || !keyFile)
    return {
      name,
      status: 'ok',
      message: isLoopback(PUBLIC_URL) ? 'Not needed on this machine alone.' : 'Left to the proxy in front.',
    }
  try {
    const { validTo } = await readCertificate({ certFile, keyFile })
    const days = Math.floor((validTo.getTime() - Date.now()) / 86_400_000)
    const message = `The certificate holds until ${validTo.toISOString()}.`
    if (days >= 14) return { name, status: 'ok', message }
    return { name, status: days < 0 ? 'fail' : 'warn', message: `${message} Renew it.` }
  } catch (error) {
    return { name, status: 'fail', message: (error as Error).message }
  }
}

/** Whether mails can leave: the server greets (RFC 5321, 220), or the key and sender are plausible. */
export async function checkMail(
  settings: Pick<Settings, 'SMTP_URL' | 'RESEND_API_KEY' | 'MAIL_FROM' | 'PUBLIC_URL'>,
): Promise<Check> {
  const name = 'mail'
  if (!settings.SMTP_URL && !settings.RESEND_API_KEY) return outboxCheck(settings)
  if (/@[^>]*\.localhost>?$/.test(settings.MAIL_FROM)) {
    return {
      name,
      status: 'fail',
      message: 'MAIL_FROM is still the example: set it to a sender of your domain.',
    }
  }
  if (!settings.SMTP_URL) {
    return {
      name,
      status: 'ok',
      message: `By Resend, from ${settings.MAIL_FROM}. Its domain must be verified there.`,
    }
  }
  const { hostname, port, protocol } = new URL(settings.SMTP_URL)
  const secure = protocol === 'smtps:'
  const at = { host: hostname, port: Number(port) || (secure ? 465 : 587) }
  const greeting = await smtpGreeting(at, secure)
  return greeting.startsWith('220')
    ? { name, status: 'ok', message: `By SMTP through ${at.host}:${at.port}, from ${settings.MAIL_FROM}.` }
    : { name, status: 'fail', message: `${at.host}:${at.port} does not greet (${greeting}): check SMTP_URL.` }
}

// None is sent: fine on one's own machine, wrong for a portal that others use.
function outboxCheck(settings: Pick<Settings, 'PUBLIC_URL'>): Check {
  if (isLoopback(settings.PUBLIC_URL)) {
    return { name: 'mail', status: 'ok', message: 'Kept in the embedded outbox, which administrators see.' }
  }
  const message = 'Mails reach nobody but the embedded outbox: set SMTP_URL or RESEND_API_KEY, and MAIL_FROM.'
  return { name: 'mail', status: 'warn', message }
}

function smtpGreeting(at: { host: string; port: number }, secure: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = secure ? connectTls({ ...at, servername: at.host }) : connect(at)
    const end = (text: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(DEADLINE_MS, () => end('no answer'))
    socket.once('data', (data) => end(data.toString('latin1').trim()))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.once('end', () => end('closed'))
  })
}
