import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { SentSchema } from './fit-schema.ts'

type Content = Record<string, { schema?: SentSchema }>
type Answer = { $ref?: string; content?: Content }
export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema?: SentSchema
}
export type Operation = {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content?: Content }
  responses: Record<string, Answer>
  security?: Record<string, string[]>[]
}
export type Document = {
  paths: Record<string, Record<string, Operation>>
  components?: Record<string, Record<string, unknown>>
}
export type Answered = { status: number; type: string; text: string }

/** What a document says of itself, ready to be asked. */
export type Contract = {
  find: (ref: string) => SentSchema
  /** Whether a value is what the schema of an operation's body takes. */
  takes(path: string, method: string, body: unknown): boolean
  /** What about an answer is not as the document says; nothing where it keeps to it. */
  breaches(path: string, method: string, answer: Answered): string[]
}

const pointer = (...steps: string[]) =>
  `document#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`

/** @throws where the document holds a schema that is none */
export function contractOf(document: Document): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  addFormats.default(ajv)
  ajv.addSchema(document as object, 'document')
  const find = (ref: string) =>
    ref
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((node, step) => (node as Record<string, unknown>)?.[step], document) as SentSchema
  const validate = (at: string, value: unknown): string | null => {
    const check = ajv.getSchema(at)
    if (!check) throw new Error(`there is no schema at ${at}`)
    return check(value) ? null : ajv.errorsText(check.errors, { dataVar: '' })
  }
  return {
    find,
    takes: (path, method, body) =>
      validate(
        pointer('paths', path, method, 'requestBody', 'content', 'application/json', 'schema'),
        body,
      ) === null,
    breaches(path, method, { status, type, text }) {
      const declared = document.paths[path]?.[method]?.responses[status]
      if (!declared) return [`answers ${status}, which is not documented`]
      const steps = declared.$ref
        ? declared.$ref.replace('#/', '').split('/')
        : ['paths', path, method, 'responses', `${status}`]
      const { content } = declared.$ref ? (find(declared.$ref) as Answer) : declared
      if (!content) return text ? [`answers ${status} with a body that is not documented`] : []
      const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
      if (!content[media])
        return [`answers ${status} as ${media || 'nothing'}, documented as ${Object.keys(content)}`]
      if (!content[media].schema || !/[/+]json$/.test(media)) return []
      const wrong = validate(pointer(...steps, 'content', media, 'schema'), JSON.parse(text))
      return wrong ? [`answers ${status} with something else than documented: ${wrong}`] : []
    },
  }
}
