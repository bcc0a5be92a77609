import { PlaybackError } from '#engine/delivery/answers.ts'

type Parameters = Record<string, string>

const RESOLUTIONS = /^(270|360|480|540|720|1080|1440|2160)p$/

const malformed = () => new PlaybackError(400)

/**
 * The parameters of a master playlist beside those of a clip. `roku_trick_play` asks for what is always there, and
 * `exclude_pdt` for leaving out what never is: nobody knows when an uploaded film was recorded.
 */
export function readMasterParameters(given: Parameters) {
  const lines = (value: string | undefined) => {
    if (value === undefined) return null
    const match = RESOLUTIONS.exec(value)
    if (!match) throw malformed()
    return Number(match[1])
  }
  const maxResolution = lines(given.max_resolution)
  const minResolution = lines(given.min_resolution)
  if (maxResolution !== null && minResolution !== null && minResolution > maxResolution) throw malformed()
  if (given.rendition_order !== undefined && given.rendition_order !== 'desc') throw malformed()
  const language = given.default_subtitles_lang
  if (language !== undefined && !/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language)) throw malformed()
  return {
    maxResolution,
    minResolution,
    descending: given.rendition_order === 'desc',
    redundant: given.redundant_streams === 'true',
    defaultTextLanguage: language ?? null,
  }
}
