import type Mux from '@mux/mux-node'

/** One call as the SDK's own tests make it, with the ids and example parameters of Mux's document. */
export type SdkCall = { name: string; run(mux: Mux, path?: { path: string }): Promise<unknown> }

const subtitles = [
  { language_code: 'en' as const, name: 'English (generated)', passthrough: 'English (generated)' },
]
const input = {
  closed_captions: true,
  end_time: 0,
  generated_subtitles: subtitles,
  language_code: 'en',
  name: 'name',
  overlay_settings: {
    height: 'height',
    horizontal_align: 'left' as const,
    horizontal_margin: 'horizontal_margin',
    opacity: 'opacity',
    vertical_align: 'top' as const,
    vertical_margin: 'vertical_margin',
    width: 'width',
  },
  passthrough: 'passthrough',
  start_time: 0,
  text_type: 'subtitles' as const,
  type: 'video' as const,
  url: 'https://muxed.s3.amazonaws.com/leds.mp4',
}
const settings = {
  advanced_playback_policies: [{ drm_configuration_id: 'drm_configuration_id', policy: 'public' as const }],
  copy_overlays: true,
  encoding_tier: 'smart' as const,
  master_access: 'none' as const,
  max_resolution_tier: '1080p' as const,
  meta: { creator_id: 'creator_id', external_id: 'external_id', title: 'title' },
  mp4_support: 'none' as const,
  normalize_audio: true,
  passthrough: 'passthrough',
  playback_policies: ['public' as const],
  playback_policy: ['public' as const],
  static_renditions: [{ resolution: 'highest' as const, passthrough: 'passthrough' }],
  test: true,
  video_quality: 'basic' as const,
}
const referrer = { allowed_domains: ['*.example.com'] }
const agents = { allow_high_risk_user_agent: false, allow_no_user_agent: false }
const rules = { referrer: { ...referrer, allow_no_referrer: true }, user_agent: agents }
const A = 'ASSET_ID'
const P = 'PLAYBACK_ID'
const R = 'PLAYBACK_RESTRICTION_ID'
const usage = {
  asset_id: 'asset_id',
  limit: 0,
  live_stream_id: 'live_stream_id',
  page: 0,
  timeframe: ['string'],
}

/** Calls whose parameters are required: once with these alone, once with all. */
export const REQUIRED: SdkCall[] = [
  { name: 'uploads.create', run: (mux) => mux.video.uploads.create({ cors_origin: 'https://example.com/' }) },
  {
    name: 'uploads.create with all parameters',
    run: (mux) =>
      mux.video.uploads.create({
        cors_origin: 'https://example.com/',
        new_asset_settings: { ...settings, inputs: [input], input: [input] },
        test: true,
        timeout: 60,
      } as never),
  },
  { name: 'assets.create', run: (mux) => mux.video.assets.create({ inputs: [{}] }) },
  {
    name: 'assets.create with all parameters',
    run: (mux) => mux.video.assets.create({ ...settings, inputs: [input], input: [input] } as never),
  },
  { name: 'assets.update', run: (mux) => mux.video.assets.update(A, {}) },
  {
    name: 'assets.update with all parameters',
    run: (mux) =>
      mux.video.assets.update(A, { meta: settings.meta, passthrough: 'Example', thumbnail_time: 0 } as never),
  },
  { name: 'assets.createPlaybackId', run: (mux) => mux.video.assets.createPlaybackId(A, {}) },
  {
    name: 'assets.createPlaybackId with all parameters',
    run: (mux) =>
      mux.video.assets.createPlaybackId(A, {
        drm_configuration_id: 'drm_configuration_id',
        policy: 'public',
      }),
  },
  {
    name: 'assets.createTrack',
    run: (mux) =>
      mux.video.assets.createTrack(A, {
        language_code: 'en-US',
        type: 'text',
        url: 'https://example.com/en.srt',
      }),
  },
  {
    name: 'assets.createTrack with all parameters',
    run: (mux) =>
      mux.video.assets.createTrack(A, {
        ...{ closed_captions: true, name: 'English', passthrough: 'English', text_type: 'subtitles' },
        ...{ language_code: 'en-US', type: 'text', url: 'https://example.com/en.srt' },
      }),
  },
  { name: 'assets.updateTrack', run: (mux) => mux.video.assets.updateTrack(A, 'TRACK_ID', {} as never) },
  {
    name: 'assets.generateSubtitles',
    run: (mux) => mux.video.assets.generateSubtitles(A, 'TRACK_ID', { generated_subtitles: [{}] }),
  },
  {
    name: 'assets.generateSubtitles with all parameters',
    run: (mux) => mux.video.assets.generateSubtitles(A, 'TRACK_ID', { generated_subtitles: subtitles }),
  },
  {
    name: 'assets.createStaticRendition',
    run: (mux) => mux.video.assets.createStaticRendition(A, { resolution: 'highest' }),
  },
  {
    name: 'assets.createStaticRendition with all parameters',
    run: (mux) =>
      mux.video.assets.createStaticRendition(A, { resolution: 'highest', passthrough: 'passthrough' }),
  },
  {
    name: 'assets.updateMP4Support',
    run: (mux) => mux.video.assets.updateMP4Support(A, { mp4_support: 'capped-1080p' }),
  },
  {
    name: 'assets.updateMasterAccess',
    run: (mux) => mux.video.assets.updateMasterAccess(A, { master_access: 'temporary' }),
  },
  {
    name: 'playbackRestrictions.create',
    run: (mux) => mux.video.playbackRestrictions.create(rules as never),
  },
  {
    name: 'playbackRestrictions.create with empty rules',
    run: (mux) => mux.video.playbackRestrictions.create({ referrer, user_agent: {} } as never),
  },
  {
    name: 'playbackRestrictions.updateReferrer',
    run: (mux) => mux.video.playbackRestrictions.updateReferrer(R, referrer),
  },
  {
    name: 'playbackRestrictions.updateReferrer with all parameters',
    run: (mux) => mux.video.playbackRestrictions.updateReferrer(R, { ...referrer, allow_no_referrer: true }),
  },
  {
    name: 'playbackRestrictions.updateUserAgent',
    run: (mux) => mux.video.playbackRestrictions.updateUserAgent(R, agents),
  },
]

/** Calls without parameters, or with optional ones; the SDK's tests also send each to a path that does not exist. */
export const OPTIONAL: SdkCall[] = [
  { name: 'uploads.retrieve', run: (mux, path) => mux.video.uploads.retrieve('abcd1234', path) },
  { name: 'uploads.cancel', run: (mux, path) => mux.video.uploads.cancel('abcd1234', path) },
  { name: 'uploads.list', run: async (mux, path) => mux.video.uploads.list({ limit: 1, page: 1 }, path) },
  { name: 'assets.retrieve', run: (mux, path) => mux.video.assets.retrieve(A, path) },
  { name: 'assets.list', run: async (mux, path) => mux.video.assets.list(path ? { limit: 0 } : {}, path) },
  { name: 'assets.retrieveInputInfo', run: (mux, path) => mux.video.assets.retrieveInputInfo(A, path) },
  { name: 'assets.retrievePlaybackId', run: (mux, path) => mux.video.assets.retrievePlaybackId(A, P, path) },
  { name: 'assets.deletePlaybackId', run: (mux, path) => mux.video.assets.deletePlaybackId(A, P, path) },
  { name: 'assets.deleteTrack', run: (mux, path) => mux.video.assets.deleteTrack(A, 'TRACK_ID', path) },
  {
    name: 'assets.deleteStaticRendition',
    run: (mux, path) => mux.video.assets.deleteStaticRendition(A, 'STATIC_RENDITION_ID', path),
  },
  { name: 'assets.deleteThumbnailTime', run: (mux, path) => mux.video.assets.deleteThumbnailTime(A, path) },
  { name: 'assets.retrieveShots', run: (mux, path) => mux.video.assets.retrieveShots(A, path) },
  { name: 'assets.generateShots', run: (mux, path) => mux.video.assets.generateShots(A, {}, path) },
  { name: 'assets.deleteShots', run: (mux, path) => mux.video.assets.deleteShots(A, path) },
  { name: 'assets.delete', run: (mux, path) => mux.video.assets.delete(A, path) },
  { name: 'playbackIds.retrieve', run: (mux, path) => mux.video.playbackIds.retrieve(P, path) },
  {
    name: 'playbackRestrictions.list',
    run: async (mux, path) => mux.video.playbackRestrictions.list({}, path),
  },
  {
    name: 'playbackRestrictions.retrieve',
    run: (mux, path) => mux.video.playbackRestrictions.retrieve(R, path),
  },
  { name: 'playbackRestrictions.delete', run: (mux, path) => mux.video.playbackRestrictions.delete(R, path) },
  {
    name: 'deliveryUsage.list',
    run: async (mux, path) => mux.video.deliveryUsage.list((path ? usage : {}) as never, path),
  },
  { name: 'signingKeys.create', run: (mux, path) => mux.system.signingKeys.create(path) },
  { name: 'signingKeys.list', run: async (mux, path) => mux.system.signingKeys.list({}, path) },
  {
    name: 'signingKeys.retrieve',
    run: (mux, path) => mux.system.signingKeys.retrieve('SIGNING_KEY_ID', path),
  },
  { name: 'signingKeys.delete', run: (mux, path) => mux.system.signingKeys.delete('SIGNING_KEY_ID', path) },
  { name: 'usageExports.list', run: (mux, path) => mux.system.usageExports.list({}, path) },
  { name: 'utilities.whoami', run: (mux, path) => mux.system.utilities.whoami(path) },
  { name: 'playback.hls', run: (mux, path) => mux.video.playback.hls(P, {}, path) },
  { name: 'playback.thumbnail', run: (mux, path) => mux.video.playback.thumbnail(P, 'jpg', {}, path) },
  { name: 'playback.animated', run: (mux, path) => mux.video.playback.animated(P, 'gif', {}, path) },
  { name: 'playback.storyboard', run: (mux, path) => mux.video.playback.storyboard(P, 'jpg', {}, path) },
  { name: 'playback.storyboardVtt', run: (mux, path) => mux.video.playback.storyboardVtt(P, {}, path) },
  { name: 'playback.storyboardMeta', run: (mux, path) => mux.video.playback.storyboardMeta(P, {}, path) },
  { name: 'playback.track', run: (mux, path) => mux.video.playback.track(P, 'TRACK_ID', {}, path) },
  { name: 'playback.transcript', run: (mux, path) => mux.video.playback.transcript(P, 'TRACK_ID', {}, path) },
  {
    name: 'playback.staticRendition',
    run: (mux, path) => mux.video.playback.staticRendition(P, 'capped-1080p.mp4', {}, path),
  },
]
