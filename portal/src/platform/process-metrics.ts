import promClient from 'prom-client'
import type { MetricsFormat } from './open-metrics.ts'

/** Named like counters, and none: a reader of OpenMetrics refuses them. */
const MISNAMED = /_total$/

/**
 * Memory, processor time, event loop and garbage of this one process, by the names of Prometheus' clients. Each
 * process has its own, so they bear its start and are never summed.
 */
export function watchProcess(): (format: MetricsFormat) => Promise<string> {
  const registry = new promClient.Registry()
  promClient.collectDefaultMetrics({ register: registry })
  for (const metric of registry.getMetricsAsArray()) {
    if (MISNAMED.test(metric.name) && String(metric.type) === 'gauge')
      registry.removeSingleMetric(metric.name)
  }
  return async (format) => {
    registry.setContentType(
      (format === 'openmetrics'
        ? promClient.Registry.OPENMETRICS_CONTENT_TYPE
        : promClient.Registry.PROMETHEUS_CONTENT_TYPE) as never,
    )
    const text = (await registry.metrics()).replace(/# EOF\n$/, '').replaceAll('\n\n', '\n')
    // The library's spelling of what has no value yet is not the standard's.
    return text.replace(/ Nan$/gm, ' NaN')
  }
}
