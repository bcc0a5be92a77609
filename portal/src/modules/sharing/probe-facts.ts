/** The organisation that the synthetic probe's shares belong to: left out of lists and counts. */
export const PROBE_ORGANISATION = 'org_probe'
