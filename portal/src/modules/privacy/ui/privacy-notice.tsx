import type { ReactNode } from 'react'
import { buttonClass } from '#portal/ui/button.tsx'
import { Mark } from '#portal/ui/mark.tsx'
import type { DataReader, PrivacyNotice, StoredInBrowser } from '../answers.ts'
import { NoticeCategories } from './notice-categories.tsx'

const SECTIONS = [
  ['kept', 'What is kept'],
  ['browser', 'In your browser'],
  ['readers', 'Who reads it'],
  ['machines', 'What machines decide'],
  ['ask', 'Copy, object, be erased'],
  ['rights', 'Your rights'],
] as const

const link = 'font-medium text-ink underline underline-offset-2 [overflow-wrap:anywhere]'

/** What is kept of people, why, for how long, who reads it, and how to have it copied or erased. */
export function PrivacyNoticePage({ notice, signedIn }: { notice: PrivacyNotice; signedIn: boolean }) {
  return (
    <div className="mx-auto grid w-full max-w-[760px] grid-cols-1 gap-6 px-4 py-6 sm:py-10">
      <header className="flex items-center justify-between gap-4">
        <a href="/" className="inline-flex min-h-11 items-center rounded-control">
          <Mark />
        </a>
        {signedIn && (
          <a href="/account" className={buttonClass('plain')}>
            Your account
          </a>
        )}
      </header>
      <main className="grid grid-cols-1 gap-8">
        <div className="grid grid-cols-1 gap-2">
          <h1>Privacy</h1>
          <p className="text-ink-2">
            What this portal keeps of you, whether you opened a link or work here. It is there to share
            confidential video and to prove who had it; nothing is sold, nothing is used for advertising, and
            no other company’s scripts run in these pages. Its home is {notice.region}.
          </p>
        </div>
        <nav aria-label="On this page">
          <ul className="flex flex-wrap gap-x-4">
            {SECTIONS.map(([id, title]) => (
              <li key={id}>
                <a
                  href={`#${id}`}
                  className="inline-flex min-h-8 items-center underline underline-offset-2 max-sm:min-h-11"
                >
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Section n={0}>
          <NoticeCategories categories={notice.categories} recordsWatching={notice.recordsWatching} />
        </Section>
        <Section n={1}>
          <p className="text-ink-2">
            All of it is the portal’s own: nobody else can read it, and nothing follows you elsewhere.
          </p>
          <Storage items={notice.browser} />
        </Section>
        <Section n={2}>
          <Readers items={notice.readers} />
          <h3 className="pt-2 text-md font-semibold">Other companies</h3>
          {notice.recipients.length === 0 ? (
            <p className="text-ink-2">None: video, mail, accounts and counts are this portal’s own.</p>
          ) : (
            <>
              <p className="text-ink-2">
                They work for this portal and get what their work takes. Ask where each of them keeps it.
              </p>
              <Readers items={notice.recipients} />
            </>
          )}
        </Section>
        <Section n={3}>
          <p className="text-ink-2">
            Whether a link opens follows from what its owner chose: a time, a number of views, countries,
            proved addresses. Whoever asks too often, or whose network looks like an attack, is slowed down or
            refused for a while; it ends by itself and locks nothing.{' '}
            <a href="/limits" className={link}>
              About limits
            </a>
          </p>
        </Section>
        <Section n={4}>
          <Asking notice={notice} signedIn={signedIn} />
        </Section>
        <Section n={5}>
          <Rights />
        </Section>
      </main>
    </div>
  )
}

function Section({ n, children }: { n: number; children: ReactNode }) {
  const [id, title] = SECTIONS[n] ?? SECTIONS[0]
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="grid scroll-mt-4 grid-cols-1 gap-3">
      <h2 id={`${id}-title`} className="text-lg font-semibold tracking-[-.01em]">
        {title}
      </h2>
      {children}
    </section>
  )
}

function Storage({ items }: { items: readonly StoredInBrowser[] }) {
  return (
    <ul className="rounded-card border border-line bg-surface">
      {items.map(({ names, who, why, howLong }) => (
        <li
          key={names.join()}
          className="grid grid-cols-1 gap-0.5 border-b border-line px-4 py-3 last:border-b-0"
        >
          <p className="flex flex-wrap justify-between gap-x-4">
            <span className="mono text-sm break-all">{names.join(', ')}</span>
            <span className="text-sm text-ink-2">{who}</span>
          </p>
          <p className="text-ink-2">{why}</p>
          <p className="text-sm">Kept: {howLong}</p>
        </li>
      ))}
    </ul>
  )
}

function Readers({ items }: { items: readonly DataReader[] }) {
  return (
    <dl className="rounded-card border border-line bg-surface">
      {items.map(({ who, gets }) => (
        <div
          key={who}
          className="grid grid-cols-1 gap-x-4 gap-y-0.5 border-b border-line px-4 py-3 last:border-b-0 sm:grid-cols-[minmax(0,12rem)_minmax(0,1fr)]"
        >
          <dt className="font-medium [overflow-wrap:anywhere]">{who}</dt>
          <dd className="text-ink-2">{gets}</dd>
        </div>
      ))}
    </dl>
  )
}

function Asking({ notice, signedIn }: { notice: PrivacyNotice; signedIn: boolean }) {
  const { contact } = notice
  return (
    <ul className="grid list-disc gap-2 pl-5 text-ink-2">
      <li>
        <strong className="text-ink">You opened a link:</strong> open it once more in the same browser, even
        after its end, and press “What is recorded about you”. You can read it, save a copy and object there,
        for {notice.memory} after a visit.
      </li>
      <li>
        <strong className="text-ink">You have an account:</strong>{' '}
        {signedIn ? (
          <a href="/account" className={link}>
            your account
          </a>
        ) : (
          <a href="/?next=/account" className={link}>
            sign in to your account
          </a>
        )}{' '}
        to read what happened to it, with proofs, and to correct your name and address.
      </li>
      <li>
        <strong className="text-ink">A copy of everything, or an erasure:</strong> {contactWords(contact)}{' '}
        Write from the address that it is about, so that nobody else can ask in your name. Two people look at
        an erasure before it begins; it ends when every place was searched and nothing was found.
      </li>
      <li>
        Copies that the portal keeps in case of a disaster are not changed; whoever restores one erases again.
      </li>
    </ul>
  )
}

function contactWords(contact: PrivacyNotice['contact']): ReactNode {
  if (!contact)
    return 'ask whoever shared the video with you or invited you; they pass it on to the people who run this portal.'
  return (
    <>
      ask{' '}
      <a href={contact.href} className={link}>
        {contact.text}
      </a>
      .
    </>
  )
}

function Rights() {
  return (
    <div className="grid grid-cols-1 gap-2 text-ink-2">
      <p>
        <strong className="text-ink">In Australia</strong> the Privacy Act and its Australian Privacy
        Principles hold: you may read and correct what is kept of you (APP 12 and 13), and what is needed no
        longer is destroyed (APP 11). You can complain to the Office of the Australian Information
        Commissioner, oaic.gov.au.
      </p>
      <p>
        <strong className="text-ink">In the European Union</strong> you may read, correct, move, restrict and
        erase what is kept of you, and object (GDPR, Art. 15 to 21). An answer is owed within a month. You can
        complain to the data protection authority where you live.
      </p>
    </div>
  )
}
