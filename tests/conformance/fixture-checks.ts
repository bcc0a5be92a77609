import assert from 'node:assert/strict'
import Mux from '@mux/mux-node'
import { type Check, ownCheck } from './check.ts'
import { checkedFetch } from './checked-fetch.ts'
import { OPTIONAL, REQUIRED, type SdkCall } from './sdk-calls.ts'
import { type OwnEngine, sdkClient, type Target } from './target.ts'

const PUBLISHED = { id: 'my token id', secret: 'my secret' }

/** The SDK as its own tests make it; what its answers lack counts against the check that asked. */
async function fixtureClient(target: Target, own: OwnEngine): Promise<Mux> {
  const url = await own.fixtures()
  return sdkClient(url, PUBLISHED, checkedFetch(url, target.faults))
}

/** Twice, for deletions too must be repeatable. */
const answers = ({ name, run }: SdkCall) =>
  ownCheck(`fixtures: ${name}`, async (target, own) => {
    const mux = await fixtureClient(target, own)
    await run(mux)
    await run(mux)
  })

const isMissing = ({ name, run }: SdkCall) =>
  ownCheck(`fixtures: ${name} on a path that does not exist`, async (target, own) => {
    const mux = await fixtureClient(target, own)
    await assert.rejects(run(mux, { path: '/_stainless_unknown_path' }), Mux.NotFoundError)
  })

/** What the official SDK's own tests ask of a server: one engine in fixture mode answers it all. */
export const fixtureChecks: Check[] = [
  ...REQUIRED.map(answers),
  ...OPTIONAL.flatMap((call) => [answers(call), isMissing(call)]),
  ownCheck('fixtures: other credentials stay out', async (target, own) => {
    const url = await own.fixtures()
    for (const credentials of [target.credentials, { id: PUBLISHED.id, secret: 'another' }]) {
      const mux = sdkClient(url, credentials, checkedFetch(url, target.faults))
      await assert.rejects(mux.system.utilities.whoami(), Mux.AuthenticationError)
    }
  }),
  ownCheck('fixtures: an engine in earnest has none of them', async (target) => {
    await assert.rejects(target.mux.video.assets.retrieve('ASSET_ID'), Mux.NotFoundError)
    await assert.rejects(target.mux.video.playbackIds.retrieve('PLAYBACK_ID'), Mux.NotFoundError)
    // Too short for a playback ID, so it is no part of the documented surface.
    assert.equal((await fetch(`${target.url}/PLAYBACK_ID.m3u8`)).status, 404)
    const mux = sdkClient(target.url, PUBLISHED, target.fetch)
    await assert.rejects(mux.system.utilities.whoami(), Mux.AuthenticationError)
  }),
]
