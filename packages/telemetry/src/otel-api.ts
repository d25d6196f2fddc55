import type * as Api from '@opentelemetry/api';

/** The API of OpenTelemetry, the one thing that is needed of it; whoever wants spans brings it, and an SDK that sends them. */
export type OtelApi = Omit<typeof Api, 'default'>;

/** The peer where it is installed. */
export async function loadApi(): Promise<OtelApi | undefined> {
  try {
    return await import('@opentelemetry/api');
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
