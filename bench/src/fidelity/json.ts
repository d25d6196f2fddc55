// biome-ignore lint/suspicious/noExplicitAny: the wire's shapes
export type Json = any;

export const isRecord = (value: unknown): value is Record<string, Json> => typeof value === 'object' && value !== null && !Array.isArray(value);
