/** Kubernetes `Time`: RFC 3339 with whole seconds. */
export const toTime = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Kubernetes `MicroTime` of Leases: exactly six fraction digits; the three that a Date prints are refused (KC WR-9). */
export const toMicroTime = (date: Date): string => date.toISOString().replace(/Z$/, '000Z');
