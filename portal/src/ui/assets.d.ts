declare module '*.css'

declare module '*.inline.js' {
  const source: string
  export default source
}
