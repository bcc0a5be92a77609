import { checkTelemetry } from './check-telemetry.ts'
import { downloadTelemetryExport, exportTelemetry, listTelemetryExports } from './export-telemetry.ts'
import { readTelemetry } from './read-telemetry.ts'
import { tendTelemetry } from './tend-telemetry.ts'
import { watchMetrics } from './watch-metrics.ts'

export const telemetryOperations = [
  readTelemetry,
  checkTelemetry,
  exportTelemetry,
  listTelemetryExports,
  downloadTelemetryExport,
]

export const telemetryJobs = [watchMetrics, tendTelemetry]
