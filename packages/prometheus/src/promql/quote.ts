import { invalidOptions } from '@shepherd/core';

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** A PromQL string. Its rules are Go's, of which JSON's are a subset (AN 1.6). @throws ShepherdError ERR_INVALID_OPTIONS for half a character */
export function quote(value: string): string {
  if (loneSurrogate.test(value)) {
    throw invalidOptions([{ path: 'label value', got: JSON.stringify(value), expected: 'whole characters' }], 'look where this value comes from');
  }
  return JSON.stringify(value);
}

/** Text that an anchored RE2 pattern takes for itself. */
export const escapePattern = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
