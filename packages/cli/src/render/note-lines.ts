import type { PlatformNote } from '@shepherd/core';
import { table } from './table.js';

/** What the platform noted, oldest first. */
export function noteLines(notes: readonly PlatformNote[]): readonly string[] {
  if (notes.length === 0) return ['  events: none since it began'];
  const row = ({ at, level, object, reason, message, count }: PlatformNote): string[] => [
    `    ${at.slice(0, 19).replace('T', ' ')}`,
    level,
    object,
    `${reason}${count > 1 ? ` ×${count}` : ''}: ${message.replaceAll(/\s+/g, ' ')}`,
  ];
  return ['  events', ...table(notes.map(row))];
}
