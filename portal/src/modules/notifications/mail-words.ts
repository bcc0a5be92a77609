/** The end of every mail. */
export const SIGNATURE = '-- \nMotion Mavericks Portal'

const FORMAT = new Intl.DateTimeFormat('en-AU', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

/** An instant in UTC, since the reader's zone is not known. */
export function instant(at: Date): string {
  return `${FORMAT.format(at)} UTC`
}
