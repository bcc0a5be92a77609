import { z } from 'zod'

export type ReferrerRule = { allowed_domains: string[]; allow_no_referrer: boolean }
export type UserAgentRule = { allow_no_user_agent: boolean; allow_high_risk_user_agent: boolean }
export type RestrictionRules = { referrer: ReferrerRule; user_agent: UserAgentRule }

const MOST_DOMAINS = 10
const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const DOMAIN = new RegExp(`^(\\*|(\\*\\.)?${LABEL}(\\.${LABEL})*)$`)

export const referrerInput = z.object({
  allowed_domains: z
    .array(
      z
        .string()
        .max(253)
        .transform((domain) => domain.toLowerCase())
        .refine((domain) => DOMAIN.test(domain), 'must be a domain such as example.com or *.example.com'),
    )
    .max(MOST_DOMAINS)
    .refine((domains) => domains.length === 1 || !domains.includes('*'), '"*" stands alone'),
  allow_no_referrer: z.boolean().default(false),
})

/** Both flags are true unless said otherwise. */
export const userAgentInput = z.object({
  allow_no_user_agent: z.boolean().default(true),
  allow_high_risk_user_agent: z.boolean().default(true),
})

/** What takes videos away rather than shows them; Mux keeps a list like this, and does not publish it. */
const HIGH_RISK =
  /\b(curl|wget|aria2|axel|httrack|youtube-?dl|yt-dlp|streamlink|ffmpeg|lavf|scrapy|phantomjs|headlesschrome)\b|^(node|undici|axios|go-http-client|java|libwww-perl|okhttp-cli)\b|python|aiohttp|httpx|node-fetch|postman/i

export type RequestOrigin = { referer?: string; 'user-agent'?: string }

/** Whether a request with these headers may play. */
export function allows({ referrer, user_agent }: RestrictionRules, headers: RequestOrigin): boolean {
  return allowsReferrer(referrer, headers.referer) && allowsUserAgent(user_agent, headers['user-agent'])
}

function allowsReferrer(rule: ReferrerRule, referer: string | undefined): boolean {
  if (!referer) return rule.allow_no_referrer
  const host = URL.parse(referer)?.hostname.replace(/\.$/, '')
  return host !== undefined && rule.allowed_domains.some((domain) => covers(domain, host))
}

/** `*.example.com` covers one level: www.example.com, but neither a.b.example.com nor example.com. */
function covers(domain: string, host: string): boolean {
  if (domain === '*' || domain === host) return true
  return domain.startsWith('*.') && host.includes('.') && host.slice(host.indexOf('.')) === domain.slice(1)
}

function allowsUserAgent(rule: UserAgentRule, agent: string | undefined): boolean {
  if (!agent) return rule.allow_no_user_agent
  return rule.allow_high_risk_user_agent || !HIGH_RISK.test(agent)
}
