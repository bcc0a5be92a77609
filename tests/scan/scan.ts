export type Finding = {
  /** the page, file, commit or package that it is about */
  where: string
  /** the scanner's own name of the rule */
  rule: string
  what: string
}

export type ScanResult = {
  /** the scanners that looked, with their versions */
  tools: string[]
  /** how many pages, files, commits or packages were looked at: none at all is no pass */
  checked: number
  findings: Finding[]
  /** why nothing can be said, such as a registry that does not answer: never a pass */
  unknown?: string
  /** figures and remarks beside the findings, for the report */
  notes?: Record<string, string | number>
}

export type ScanOptions = {
  /** a running portal to look at, instead of one started for the scan */
  url?: string | undefined
  /** how long a scan that takes its time may last */
  minutes?: number | undefined
}

/** One way to look at the product from outside. Throws where the scanner itself fails. */
export type Scan = (options: ScanOptions) => Promise<ScanResult>
