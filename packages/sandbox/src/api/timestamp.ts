/** RFC 3339 with whole seconds, as the API server writes it. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
