import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { makeSbom } from '../scan/sbom.ts'
import { ROOT } from './catalogue.ts'
import { cycloneDx } from './cyclone-dx.ts'

it('[ASVS-15.1.2] the parts list is valid CycloneDX 1.6 and names every package that portal and engine ask for, by version, and more that those bring', async () => {
  const sbom = await makeSbom()
  const validate = cycloneDx()
  expect([validate(sbom), validate.errors]).toEqual([true, null])
  const listed = new Set(sbom.components.map(({ purl }) => decodeURIComponent(purl ?? '')))
  const needed = ['portal', 'engine'].flatMap((workspace) => {
    const { dependencies } = JSON.parse(readFileSync(`${ROOT}${workspace}/package.json`, 'utf8')) as {
      dependencies: Record<string, string>
    }
    return Object.entries(dependencies).map(([name, version]) => `pkg:npm/${name}@${version}`)
  })
  expect(needed.length).toBeGreaterThan(20)
  expect(listed.size).toBeGreaterThan(needed.length * 2)
  expect(needed.filter((purl) => !listed.has(purl))).toEqual([])
}, 120_000)
