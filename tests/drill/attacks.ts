import { createHmac, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { type AbuseRuleName, DEFAULT_ABUSE_RULES } from '../../portal/src/modules/abuse/rules.ts'
import { newAddress, newNetwork, type Somebody, somebody } from './ask.ts'
import { fire, type Shot, type Volley } from './attack.ts'
import { FLOOD, type Link, type Stage } from './stage.ts'

/** One attack: what it fires, which rules must see it, and how much it may gain. */
export type Attack = {
  name: string
  rules: AbuseRuleName[]
  run(stage: Stage): Promise<Volley>
  /** Of what was asked for after the first answer, so much may reach its aim. */
  most?: number
  /** Contained only if time tells nothing either. */
  isTimed?: true
  /** Nothing may reach its aim at all, detected or not. */
  isOnlyTold?: true
}

const token = () => randomBytes(32).toString('base64url')
const nobody = () => `${randomUUID()}@example.com`
const times = <T>(n: number, make: (n: number) => T) => Array.from({ length: n }, (_, n) => make(n))
/** Half as much again as the rule wants: an attack that ended at the threshold would show nothing. */
const enough = (rule: AbuseRuleName) => Math.ceil(DEFAULT_ABUSE_RULES[rule].threshold * 1.5) + 4
const from = (stage: Stage, address = newAddress()): Somebody => somebody(stage.origin, address)

const signIn = (who: Somebody, email: string): Shot => ({
  ...{ from: who, method: 'POST', path: '/api/auth/sign-in/email' },
  body: { email, password: 'Summer2026!' },
})
const guess = (who: Somebody, n: number): Shot => ({
  ...{ from: who, method: n % 2 === 0 ? 'GET' : 'POST', path: `/api/share/${token()}` },
})
const tryPassword = (who: Somebody, link: Link, n: number): Shot => ({
  ...{ from: who, method: 'POST', path: `/api/share/${link.token}/verify` },
  body: { password: `Summer202${n}` },
})

const credentialStuffing: Attack = {
  name: 'credential stuffing, one address',
  rules: ['credential-stuffing'],
  async run(stage) {
    const bot = from(stage)
    return await fire(times(60, () => signIn(bot, nobody())))
  },
}

const stuffingNetwork: Attack = {
  name: 'credential stuffing, one network',
  rules: ['credential-stuffing-network'],
  async run(stage) {
    const net = newNetwork()
    const bots = times(enough('credential-stuffing-network'), (n) => from(stage, `${net}.${n + 1}`))
    return await fire(bots.map((bot) => signIn(bot, nobody())))
  },
}

const stuffingSpread: Attack = {
  name: 'credential stuffing, everywhere',
  rules: ['credential-stuffing-spread'],
  run: (stage) => fire(times(enough('credential-stuffing-spread'), () => signIn(from(stage), nobody()))),
}

const passwordGuessing: Attack = {
  name: 'one account, many addresses',
  rules: ['password-guessing'],
  async run(stage) {
    const target = stage.people.at(-1)?.email ?? nobody()
    return await fire(times(40, () => signIn(from(stage), target)))
  },
}

const codeGuessing: Attack = {
  name: 'codes guessed at gates',
  rules: ['code-guessing'],
  async run(stage) {
    const address = newAddress()
    const shots: Shot[] = []
    for (let n = 0; n < 4; n += 1) {
      const { token } = await stage.share({ access: 'email', allow: ['@example.com'] })
      const path = `/api/share/${token}/verify`
      for (let browser = 0; browser < 4; browser += 1) {
        const bot = from(stage, address)
        await bot.ask({ method: 'POST', path, body: { email: nobody() } })
        for (let m = 0; m < 5; m += 1)
          shots.push({
            from: bot,
            method: 'POST',
            path,
            body: { code: String(randomInt(100_000, 1_000_000)) },
          })
      }
    }
    return await fire(shots)
  },
}

const sharePasswords: Attack = {
  name: 'password spraying on links',
  rules: ['share-password-spraying'],
  async run(stage) {
    const bot = from(stage)
    const links: Link[] = []
    for (let n = 0; n < 12; n += 1) links.push(await stage.share({ password: `correct ${randomUUID()}` }))
    return await fire([...links, ...links].map((link, n) => tryPassword(bot, link, n)))
  },
}

const onePasswordLink: Attack = {
  name: 'one link’s password, many addresses',
  rules: ['share-password-guessing'],
  async run(stage) {
    const link = await stage.share({ password: `correct ${randomUUID()}` })
    return await fire(times(enough('share-password-guessing'), (n) => tryPassword(from(stage), link, n)))
  },
}

const tokenGuessing: Attack = {
  name: 'link guessing, one address',
  rules: ['token-guessing'],
  async run(stage) {
    const bot = from(stage)
    return await fire(times(90, (n) => guess(bot, n)))
  },
}

const tokenNetwork: Attack = {
  name: 'link guessing, one network',
  rules: ['token-guessing-network'],
  async run(stage) {
    const net = newNetwork()
    return await fire(
      times(enough('token-guessing-network'), (n) => guess(from(stage, `${net}.${n + 1}`), n)),
    )
  },
}

const scraping: Attack = {
  name: 'share scraping',
  rules: ['share-scraping'],
  async run(stage) {
    const links: Link[] = []
    for (let n = 0; n < enough('share-scraping'); n += 1) links.push(await stage.share())
    const address = newAddress()
    // A browser for each link: no cookie ties them together.
    return await fire(
      links.map(({ token }) => ({ from: from(stage, address), method: 'POST', path: `/api/share/${token}` })),
      ({ status }) => status === 200,
    )
  },
}

const uploadFlood: Attack = {
  name: 'upload flood',
  rules: ['upload-flood'],
  // One each half minute goes through the rule, and then meets the day's quota.
  most: 1,
  async run(stage) {
    const volley = await fire(
      times(60, () => ({
        ...{ from: from(stage), method: 'POST', path: '/api/uploads', headers: stage.uploader },
        body: { filename: FLOOD, size: 1_000_000, contentType: 'video/mp4' },
      })),
      ({ status }) => status === 201,
    )
    // A drill of the same day came before: seen it must be all the same.
    return volley.reached > 0 ? volley : { ...volley, note: 'the day’s uploads were spent before it began' }
  },
}

const forgedWebhooks: Attack = {
  name: 'webhook spoofing',
  rules: ['webhook-spoofing'],
  isOnlyTold: true,
  async run(stage) {
    const forger = from(stage)
    return await fire(
      times(80, () => {
        const body = JSON.stringify({
          type: 'video.asset.deleted',
          id: randomUUID(),
          data: { id: randomUUID() },
        })
        const at = Math.floor(Date.now() / 1000)
        const forged = createHmac('sha256', 'a guess').update(`${at}.${body}`).digest('hex')
        const headers = { 'content-type': 'application/json', 'mux-signature': `t=${at},v1=${forged}` }
        return { from: forger, method: 'POST', path: '/api/webhooks/mux', headers, body }
      }),
      ({ status }) => status < 400,
    )
  },
}

const forgedMedia: Attack = {
  name: 'media tokens forged',
  rules: ['media-guessing'],
  isOnlyTold: true,
  async run(stage) {
    const { token } = await stage.share()
    const viewer = from(stage)
    const { json } = await viewer.ask({ method: 'POST', path: `/api/share/${token}` })
    const url = new URL(String(json?.playbackUrl))
    const forger = from(stage)
    return await fire(
      times(enough('media-guessing'), () => {
        const [head, body] = url.searchParams.get('token')?.split('.') ?? []
        const forged = `${head}.${body}.${randomBytes(256).toString('base64url')}`
        return { from: forger, path: `${url.pathname}?${new URLSearchParams({ token: forged })}` }
      }),
      ({ status }) => status < 400,
    )
  },
}

const enumeration: Attack = {
  name: 'enumeration, by answers and by timing',
  isTimed: true,
  rules: ['account-enumeration'],
  async run(stage) {
    const prober = from(stage)
    return await fire(
      times(40, (n) => ({
        ...{ from: prober, method: 'POST', path: n % 2 ? '/api/sign-in-codes' : '/api/password-resets' },
        body: { email: nobody() },
      })),
    )
  },
}

/** In the order in which they are run: what answers everybody comes last. */
export const ATTACKS: readonly Attack[] = [
  ...[
    tokenGuessing,
    tokenNetwork,
    scraping,
    forgedWebhooks,
    forgedMedia,
    uploadFlood,
    sharePasswords,
    onePasswordLink,
  ],
  ...[codeGuessing, enumeration, credentialStuffing, stuffingNetwork, passwordGuessing, stuffingSpread],
]
