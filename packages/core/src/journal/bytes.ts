const encoder = new TextEncoder();

/** Bytes that a value takes in a journal. */
export const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;
