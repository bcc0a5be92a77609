import type { FullAsset } from '#engine/assets/asset-record.ts'

/** `master_access` and, while it is given, `master` with its link once that is ready. */
export function masterJson(asset: FullAsset) {
  if (asset.master_access === 'none' || asset.master_status === null)
    return { master_access: asset.master_access }
  const url = asset.master_status === 'ready' && asset.master_url ? { url: asset.master_url } : {}
  return { master_access: asset.master_access, master: { status: asset.master_status, ...url } }
}
