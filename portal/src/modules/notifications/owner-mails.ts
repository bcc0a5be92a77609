import { instant, SIGNATURE } from './mail-words.ts'

/** One line of news for an owner. */
export type OwnerNews = {
  kind: 'first_view' | 'refusals' | 'expiry'
  title: string
  amount: number
  at: Date
  url: string
}

/** Mails between those who share and those who watch; no viewer's address stands in any of them. */
export type OwnerMailValues = {
  'share-reminder': { from: string; organisation: string; until: Date; link: string | null }
  'extension-decided': { decision: 'approved' | 'declined'; title: string; reason: string; url: string }
  'owner-news': { news: OwnerNews[]; digest: boolean; unsubscribeUrl: string; settingsUrl: string }
}

const attempts = (amount: number) => `${amount} refused ${amount === 1 ? 'attempt' : 'attempts'}`
const people = (amount: number) =>
  `${amount} invited ${amount === 1 ? 'person has' : 'people have'} not watched yet`

const LINES: Record<OwnerNews['kind'], (news: OwnerNews) => { subject: string; text: string }> = {
  first_view: ({ title, at }) => ({
    subject: `Your link to ${title} was opened`,
    text: `Somebody began to watch ${title} by your link, ${instant(at)}. It is the first view of this link.`,
  }),
  refusals: ({ title, amount, at }) => ({
    subject: `${attempts(amount)} on your link to ${title}`,
    text: `There were ${attempts(amount)} to watch ${title} by your link, the first one ${instant(at)}. None of them saw anything. If you expected these people, look at who may watch.`,
  }),
  expiry: ({ title, amount, at }) => ({
    subject: `Your link to ${title} ends tomorrow`,
    text: `Your link to ${title} ends ${instant(at)}, and ${amount > 0 ? people(amount) : 'nobody has watched it yet'}. You can remind them, or let it live longer.`,
  }),
}

export const OWNER_WRITERS: {
  [T in keyof OwnerMailValues]: (values: OwnerMailValues[T]) => { subject: string; text: string }
} = {
  'share-reminder': ({ from, organisation, until, link }) => ({
    subject: `${from} reminds you of a private video`,
    text: [
      `${from} (${organisation}) shared a private video with you, and you have not watched it yet. It can be watched until ${instant(until)}.`,
      link
        ? `Open it here:\n${link}`
        : `Open the link that ${from} sent you. If you cannot find it, ask ${from} for it: for your safety it is kept nowhere else.`,
      `The page asks for a code that is mailed to this address. If you do not know ${from}, ignore this mail.`,
      SIGNATURE,
    ].join('\n\n'),
  }),
  'extension-decided': ({ decision, title, reason, url }) => ({
    subject: `Your link to ${title} ${decision === 'approved' ? 'lives longer' : 'keeps its end'}`,
    text: [
      decision === 'approved'
        ? `A second person agreed: your link to ${title} has what you asked for. The link itself is the same.`
        : `A second person declined what you asked for your link to ${title}. It ends as planned.`,
      `They wrote: ${reason}`,
      `See the link here:\n${url}`,
      SIGNATURE,
    ].join('\n\n'),
  }),
  'owner-news': ({ news, digest, unsubscribeUrl, settingsUrl }) => {
    const told = news.map((one) => ({ ...LINES[one.kind](one), url: one.url }))
    const [first] = told
    return {
      subject: digest || told.length !== 1 || !first ? 'Your shared videos today' : first.subject,
      text: [
        ...told.map(({ text, url }) => `${text}\n${url}`),
        `You get this because you made these links. Choose what you hear of, and when:\n${settingsUrl}\nNo more of these mails, with one click and without signing in:\n${unsubscribeUrl}`,
        SIGNATURE,
      ].join('\n\n'),
    }
  },
}
