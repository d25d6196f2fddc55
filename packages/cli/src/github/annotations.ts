import { cleanText, type ErrorInfo, type Finding, formatCause, type Outcome } from '@shepherd/core';

/** Shown at the head of a run. */
export interface Annotation {
  readonly level: 'notice' | 'warning' | 'error';
  readonly title: string;
  readonly message: string;
}

/** GitHub keeps ten of a level and step and drops the others without a word. */
const mostOfLevel = 10;
const longest = 4_000;

/** One for each rule, whatever it was found at, the errors first; of a level that has too many, the last says how many there are. Pure. */
export function findingAnnotations(findings: readonly Finding[], reserved: { readonly error: number; readonly warning: number }): readonly Annotation[] {
  return (['error', 'warning'] as const).flatMap((level) => {
    const rules = new Map<string, Finding[]>();
    for (const finding of findings) if (finding.level === level) rules.set(finding.id, [...(rules.get(finding.id) ?? []), finding]);
    const all = [...rules].map(([id, found]): Annotation => ({ level, title: id, message: cleanText(ruleText(found), longest) }));
    const room = mostOfLevel - reserved[level];
    if (all.length <= room) return all;
    const left = all.length - room + 1;
    return [...all.slice(0, room - 1), { level, title: 'lint', message: `${left} more rules, named in the summary` }];
  });
}

const ruleText = (found: readonly Finding[]): string =>
  found.map(({ object, path, message, fix }) => `${[object, path].filter((part) => part !== undefined).join(' ')}: ${message} (fix: ${fix})`).join('\n');

/** The one about the outcome. Pure. */
export function outcomeAnnotation(outcome: Outcome): Annotation {
  const app = outcome.targets[0]?.name ?? 'the app';
  const said = (level: Annotation['level'], message: string): Annotation => ({
    level,
    title: `${app}: ${outcome.kind.replaceAll('-', ' ')}`,
    message: cleanText(message, longest),
  });
  const images = (of: Outcome['to']): string => of?.images.join(', ') || of?.hash || 'nothing';
  switch (outcome.kind) {
    case 'succeeded':
      return said('notice', `runs ${images(outcome.to)}${outcome.changed ? '' : ', as before'}`);
    case 'rolled-back':
      return said('error', `runs ${images(outcome.from)} again: ${formatCause(outcome.cause)}`);
    case 'rollback-failed':
      return said('error', `${formatCause(outcome.cause)}; then: ${outcome.error.message}; fix: ${outcome.error.remedy}`);
    case 'failed-untouched':
      return errorAnnotation(outcome.error);
    case 'superseded':
      return said('warning', `superseded by ${outcome.by}`);
    case 'paused':
      return said('warning', `paused by ${outcome.by.name} until ${outcome.until}: ${outcome.reason}; go on: shepherd resume ${outcome.rolloutId}`);
    case 'lock-lost':
      return said('error', `another process drives ${outcome.rolloutId} now`);
    case 'detached':
      return said('warning', `left to whoever resumes it: shepherd resume ${outcome.rolloutId}, or shepherd abort ${outcome.rolloutId}`);
  }
}

export const errorAnnotation = ({ code, message, remedy }: ErrorInfo): Annotation => ({
  level: 'error',
  title: code,
  message: cleanText(`${message}\nfix: ${remedy}`, longest),
});
