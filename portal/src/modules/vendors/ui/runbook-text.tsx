import { Fragment } from 'react'
import { Chip } from '#portal/ui/chip.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import type { Runbook, ServiceRunbook } from '../rules.ts'

/** The whole runbook on one page: whoever comes by an alert's link lands at its service. */
export function RunbookText({ runbook }: { runbook: Runbook }) {
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Vendor runbook" actions={<Chip>Version {runbook.version}</Chip>}>
        What to do when a service that the portal depends on is away. The same text is in the repository, for
        the day when this page is away too.
      </PageHead>
      <nav aria-label="Services">
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {runbook.services.map(({ id, name }) => (
            <li key={id}>
              <a
                className="inline-flex min-h-8 items-center underline underline-offset-2 max-sm:min-h-11"
                href={`#${id}`}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <section
        aria-labelledby="tell"
        className="grid grid-cols-1 gap-2 rounded-card border border-line bg-surface p-4"
      >
        <h2 id="tell" className="text-md font-semibold">
          Telling people, in every case
        </h2>
        <Steps lines={runbook.tell} />
      </section>
      {runbook.services.map((service) => (
        <Service key={service.id} service={service} />
      ))}
    </div>
  )
}

function Service({ service }: { service: ServiceRunbook }) {
  const { id, name, settings, signs, stops, goesOn, steps, fallback, afterwards, escalate } = service
  return (
    <section
      id={id}
      aria-labelledby={`${id}-name`}
      className="grid scroll-mt-4 grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4 target:border-ink"
    >
      <div>
        <h2 id={`${id}-name`} className="text-md font-semibold">
          {name}
        </h2>
        <p className="mono text-sm break-words text-ink-2">{settings.join(' · ')}</p>
      </div>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-[minmax(0,9rem)_minmax(0,1fr)]">
        <Part name="How you see it">
          <Steps lines={signs} />
        </Part>
        <Part name="What stops">
          <Words text={stops} />
        </Part>
        <Part name="What goes on">
          <Words text={goesOn} />
        </Part>
        <Part name="What to do">
          <Steps lines={steps} ordered />
        </Part>
        <Part name="If it stays away">
          <Words text={fallback} />
        </Part>
        <Part name="Afterwards">
          <Steps lines={afterwards} />
        </Part>
        <Part name="Whom to ask">
          <Words text={escalate} />
        </Part>
      </dl>
    </section>
  )
}

function Part({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="font-medium">{name}</dt>
      <dd className="min-w-0 pb-1 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}

function Steps({ lines, ordered = false }: { lines: readonly string[]; ordered?: boolean }) {
  const List = ordered ? 'ol' : 'ul'
  return (
    <List className={`grid gap-1 pl-5 ${ordered ? 'list-decimal' : 'list-disc'}`}>
      {lines.map((line) => (
        <li key={line}>
          <Words text={line} />
        </li>
      ))}
    </List>
  )
}

/** What stands between backticks is typed as it is. */
function Words({ text }: { text: string }) {
  return text.split('`').map((part, at) =>
    at % 2 === 1 ? (
      <code key={part} className="mono text-sm">
        {part}
      </code>
    ) : (
      <Fragment key={part}>{part}</Fragment>
    ),
  )
}
