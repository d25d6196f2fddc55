import type { StatusCause } from '../status-error.js';

const show = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value));

const cause = (reason: string, field: string, message: string): StatusCause => ({ reason, message, field });

/** `Required value` and what to do. */
export const required = (field: string, detail = ''): StatusCause =>
  cause('FieldValueRequired', field, detail === '' ? 'Required value' : `Required value: ${detail}`);

export const invalidValue = (field: string, value: unknown, detail: string): StatusCause =>
  cause('FieldValueInvalid', field, `Invalid value: ${show(value)}: ${detail}`);

export const notSupported = (field: string, value: unknown, supported: readonly string[]): StatusCause =>
  cause('FieldValueNotSupported', field, `Unsupported value: ${show(value)}: supported values: ${supported.map(show).join(', ')}`);

export const duplicate = (field: string, value: unknown): StatusCause => cause('FieldValueDuplicate', field, `Duplicate value: ${show(value)}`);

export const forbiddenField = (field: string, detail: string): StatusCause => cause('FieldValueForbidden', field, `Forbidden: ${detail}`);

export const notFoundField = (field: string, value: unknown): StatusCause => cause('FieldValueNotFound', field, `Not found: ${show(value)}`);
