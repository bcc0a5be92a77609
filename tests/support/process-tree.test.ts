import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { killTree, processTree } from './process-tree.ts'

it('finds a child and its child, and nothing of others', () => {
  const rows = [
    { pid: 10, parent: 1, state: 'S' },
    { pid: 12, parent: 11, state: 'R' },
    { pid: 11, parent: 10, state: 'S' },
    { pid: 13, parent: 11, state: 'Z' },
    { pid: 20, parent: 1, state: 'S' },
  ]
  expect(processTree([10, undefined], rows).sort()).toEqual([10, 11, 12])
  expect(processTree([undefined], rows)).toEqual([])
})

it('kills a shell together with what it started', async () => {
  const shell = spawn('sh', ['-c', 'sleep 60 & sleep 60 & echo up; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(shell.stdout, 'data')
  const tree = processTree([shell.pid])
  expect(tree).toHaveLength(3)
  await killTree([shell.pid], 'SIGKILL')
  expect(tree.flatMap((pid) => processTree([pid]))).toEqual([])
})
