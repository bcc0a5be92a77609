import { limitsContract } from './contract.ts'
import { createMemoryLimits } from './memory.ts'

limitsContract('memory', async () => ({ port: createMemoryLimits(), stop: async () => {} }))
