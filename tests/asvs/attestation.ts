import { isAimedAt } from './catalogue.ts'
import type { Judged } from './judge.ts'

export type Attested = {
  judged: readonly Judged[]
  version: string /** Of the test run. */
  at: Date
  serial: string
}

const STANDARD = 'owasp-asvs-5.0.0'
const requirementRef = (id: string) => `asvs-${id}`
const claimRef = (id: string) => `claim-${id}`
const evidenceRef = (id: string) => `evidence-${id}`

/**
 * What the last test run shows of OWASP ASVS 5.0.0, as a CycloneDX 1.6 attestation of our own: each requirement with
 * its claim, the tests behind it, and how far it is met.
 */
export function attestationOf({ judged, version, at, serial }: Attested): object {
  const shown = judged.filter(({ verdict }) => verdict === 'passed')
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, serialNumber: `urn:uuid:${serial}` },
    metadata: { timestamp: at.toISOString() },
    declarations: {
      assessors: [{ 'bom-ref': 'assessor', thirdParty: false, organization: { name: 'Motion Mavericks' } }],
      attestations: [
        {
          summary:
            'Levels 1 and 2 of OWASP ASVS 5.0.0, and level 3 for sessions, authorisation, tokens and logging.',
          assessor: 'assessor',
          map: judged.filter(isAimedAt).map(mapped),
        },
      ],
      claims: shown.map(({ id, requirement, how }) => ({
        ...{ 'bom-ref': claimRef(id), target: 'portal', predicate: requirement, reasoning: how },
        evidence: [evidenceRef(id)],
      })),
      evidence: shown.map(({ id, tests }) => ({
        'bom-ref': evidenceRef(id),
        description: 'Automated tests, run by npm test',
        created: at.toISOString(),
        data: tests.map(({ title }) => ({ name: title, contents: { attachment: { content: 'passed' } } })),
      })),
      targets: {
        components: [{ type: 'application', 'bom-ref': 'portal', name: 'motion-mavericks-portal', version }],
      },
    },
    definitions: { standards: [standardOf(judged)] },
  }
}

function mapped({ id, verdict, how, duty }: Judged) {
  const requirement = requirementRef(id)
  switch (verdict) {
    case 'passed':
      return { requirement, claims: [claimRef(id)], conformance: { score: 1, rationale: how } }
    case 'not-applicable':
      return { requirement, conformance: { rationale: `Does not apply: ${how}` } }
    case 'operator':
      return { requirement, conformance: { rationale: `The operator's: ${duty} ${how}` } }
    case 'accepted':
      return { requirement, conformance: { score: 0, rationale: `Accepted: ${how}` } }
    default:
      return { requirement, conformance: { score: 0, rationale: `Not shown (${verdict}). ${how}`.trim() } }
  }
}

function standardOf(judged: readonly Judged[]) {
  return {
    ...{ 'bom-ref': STANDARD, name: 'OWASP Application Security Verification Standard', version: '5.0.0' },
    ...{ owner: 'OWASP Foundation', description: 'Requirements by ID, described in our own words.' },
    requirements: judged.map(({ id, requirement }) => ({
      ...{ 'bom-ref': requirementRef(id), identifier: `V${id}`, title: requirement },
    })),
    levels: [1, 2, 3].map((level) => ({
      ...{ 'bom-ref': `asvs-level-${level}`, identifier: `L${level}` },
      requirements: judged.filter((one) => one.level <= level).map(({ id }) => requirementRef(id)),
    })),
    externalReferences: [
      { type: 'website', url: 'https://owasp.org/www-project-application-security-verification-standard/' },
    ],
  }
}
