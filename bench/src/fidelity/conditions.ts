import type { Json } from './json.js';

/** The conditions of an object, without their times. */
export const conditionsOf = ({ status }: Json): Json =>
  status.conditions?.map(({ type, status: is, reason, message, observedGeneration }: Json) => ({ type, is, reason, message, observedGeneration }));
