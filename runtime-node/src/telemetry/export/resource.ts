// What all telemetry says of its origin: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, and below them Spin's names.
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import type { Env } from '../settings.ts';

const SERVICE = 'spin';

export async function resourceFrom(env: Env, version: string): Promise<Resource> {
  const base = resourceFromAttributes({ 'service.name': SERVICE, 'service.version': version });
  const detected = detectResources({ detectors: [envDetector] });
  await detected.waitForAsyncAttributes?.();
  const named = env['OTEL_SERVICE_NAME'];
  const whole = defaultResource().merge(base).merge(detected);
  return named ? whole.merge(resourceFromAttributes({ 'service.name': named })) : whole;
}
