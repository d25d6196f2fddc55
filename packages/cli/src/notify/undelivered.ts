import type { Undelivered } from '@shepherd/core';

const mostLines = 10;

/** What nobody got yet, for people. */
export function undeliveredLines(undelivered: readonly Undelivered[]): readonly string[] {
  if (undelivered.length === 0) return [];
  const shown = undelivered.slice(0, mostLines);
  const more = undelivered.length - shown.length;
  return [
    `${undelivered.length === 1 ? '1 notice' : `${undelivered.length} notices`} reached nobody yet; they stay in the journal, and go out by: shepherd notify flush`,
    ...shown.map(
      ({ notifier, type, title, attempts, why }) =>
        `  ${notifier}: ${type} ${JSON.stringify(title)}: ${why} (${attempts === 1 ? '1 attempt' : `${attempts} attempts`})`,
    ),
    ...(more === 0 ? [] : [`  … and ${more} more`]),
  ];
}
