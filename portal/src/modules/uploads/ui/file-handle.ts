import type { ChosenFile } from './queue-item.ts'

type AskableHandle = FileSystemFileHandle & {
  queryPermission?(options: { mode: 'read' }): Promise<PermissionState>
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>
}

/**
 * The file behind a kept handle, or undefined where the browser does not let it be read. Asking (`mayAsk`) needs a
 * press of the person.
 */
export async function fileOf(handle: AskableHandle, mayAsk: boolean): Promise<ChosenFile | undefined> {
  try {
    let state = (await handle.queryPermission?.({ mode: 'read' })) ?? 'prompt'
    if (state === 'prompt' && mayAsk) state = (await handle.requestPermission?.({ mode: 'read' })) ?? 'denied'
    return state === 'granted' ? { file: await handle.getFile(), handle } : undefined
  } catch {
    return undefined
  }
}

type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/** The files of a drop, with their handles where the browser gives them; folders are left out. */
export async function filesOfDrop(data: DataTransfer): Promise<ChosenFile[]> {
  // Everything must be taken before the first await: afterwards the drop is empty.
  const taken = [...data.items]
    .filter((item) => item.kind === 'file')
    .map((item: HandleItem) => ({
      file: item.webkitGetAsEntry?.()?.isDirectory ? null : item.getAsFile(),
      handle: item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null),
    }))
  const chosen: ChosenFile[] = []
  for (const { file, handle } of taken) {
    const known = await handle
    if (file) chosen.push(known?.kind === 'file' ? { file, handle: known as FileSystemFileHandle } : { file })
  }
  return chosen
}
