import type { Runbook, ServiceRunbook } from './rules.ts'

/** The runbook as a document of the repository, to be read while the portal is down. */
export function runbookDocument({ version, tell, services }: Runbook): string {
  return `${[
    `# Vendor runbook, version ${version}`,
    'What to do when a service that the portal depends on is away. VENDOR_RUNBOOK_VERSION names the version that alerts lead to; the portal shows the same text under Alerts. Contacts that are yours alone (contract numbers, names) belong into your own vault, and are checked each quarter: whoever does so says it in the next version.',
    '## Telling people, in every case',
    bullets(tell),
    ...services.map(sectionOf),
  ].join('\n\n')}\n`
}

function sectionOf(service: ServiceRunbook): string {
  const { name, settings, alerts, signs, stops, goesOn, steps, fallback, afterwards, escalate } = service
  return [
    `## ${name}`,
    `Settings: ${settings.join(', ')}. Alerts: ${alerts.length > 0 ? alerts.map((key) => `\`${key}\``).join(', ') : 'none of its own'}.`,
    `**How you see it**\n\n${bullets(signs)}`,
    `**What stops.** ${stops}`,
    `**What goes on.** ${goesOn}`,
    `**What to do**\n\n${steps.map((step, at) => `${at + 1}. ${step}`).join('\n')}`,
    `**If it stays away.** ${fallback}`,
    `**Afterwards**\n\n${bullets(afterwards)}`,
    `**Whom to ask.** ${escalate}`,
  ].join('\n\n')
}

const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n')
