import type { StrategyName } from './flags/strategy.js';

/** A strategy that fits a change, and why. It is said, never imposed. */
export interface Suggestion {
  readonly strategy: StrategyName;
  readonly why: string;
}

export interface Change {
  /** Images that serve now, and those that would. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly risk?: 'normal' | 'high' | undefined;
}

/** The guide's choice by type of change: rolling for patches, minor versions and configuration, blue/green for major ones, a canary where a mistake costs much. */
export function suggestStrategy({ from, to, risk }: Change): Suggestion | undefined {
  if (risk === 'high') return { strategy: 'canary', why: 'risk is high' };
  const changed = to.flatMap((image) => {
    const before = from.find((each) => repositoryOf(each) === repositoryOf(image));
    return before === undefined || before === image ? [] : [[before, image] as const];
  });
  if (changed.length === 0)
    return to.length > 0 && to.every((image) => from.includes(image)) ? { strategy: 'rolling', why: 'only configuration changes' } : undefined;
  const versions = changed.map(([before, after]) => [versionOf(before), versionOf(after)] as const);
  const major = versions.find(([a, b]) => a !== undefined && b !== undefined && a.parts[0] !== b.parts[0]);
  if (major !== undefined) return { strategy: 'blue-green', why: `${major[0]?.text} → ${major[1]?.text} is another major version` };
  const [first] = versions;
  const [a, b] = first ?? [];
  if (a === undefined || b === undefined || versions.some((pair) => pair.includes(undefined))) return undefined;
  return { strategy: 'rolling', why: `${a.text} → ${b.text} is a ${a.parts[1] === b.parts[1] ? 'patch' : 'minor version'}` };
}

const untagged = (image: string): string => image.split('@')[0] ?? image;
/** A port has a slash after it, a tag has none. */
const repositoryOf = (image: string): string => untagged(image).replace(/:[^/:]+$/, '');

function versionOf(image: string): { readonly text: string; readonly parts: readonly string[] } | undefined {
  const tag = /:([^/:]+)$/.exec(untagged(image))?.[1];
  const [text, ...parts] = /^v?(\d+)\.(\d+)(?:\.\d+)?(?:[-+._].*)?$/.exec(tag ?? '') ?? [];
  return text === undefined ? undefined : { text, parts };
}
