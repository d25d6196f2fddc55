import { ShepherdError } from '@shepherd/core';

/** The two majors differ in flags, in waiting and in how they write (KC 9). */
export interface HelmVersion {
  readonly major: 3 | 4;
  /** `v3.20.2`. */
  readonly text: string;
}

/** The oldest that this adapter was made for. */
const oldest: Readonly<Record<3 | 4, number>> = { 3: 20, 4: 1 };

/** What `helm version --template {{.Version}}` printed. @throws ShepherdError ERR_TOOL for a version that is too old, too new or none */
export function parseVersion(binary: string, printed: string): HelmVersion {
  const text = printed.trim();
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  const known = major === '3' ? 3 : major === '4' ? 4 : undefined;
  if (known !== undefined && Number(minor) >= oldest[known]) return { major: known, text };
  const expected = 'helm 3.20 or newer, or helm 4.1 or newer';
  const found = text.slice(0, 80);
  throw new ShepherdError('ERR_TOOL', `${binary} is ${found === '' ? 'no helm that says its version' : `helm ${found}`}: expected ${expected}`, {
    facts: { tool: binary, found, expected },
    remedy: known === undefined && Number(major) > 4 ? 'install helm 4, or a newer Shepherd' : 'install a newer helm',
  });
}
