// Relative links in Markdown lead to files that exist, and each `#anchor` to a heading.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const files = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).split('\n').filter(Boolean);
const anchor = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll('`', '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
const anchors = (file) => new Set([...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading)));
let broken = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8').replace(/```[\s\S]*?```/g, '');
  for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [path, hash] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(target) || (hash && target.endsWith('.md') && !anchors(target).has(hash))) {
      console.error(`${file}: ${link} leads nowhere`);
      broken += 1;
    }
  }
}
console.log(broken === 0 ? `links in ${files.length} pages are good` : `${broken} broken links`);
process.exitCode = broken === 0 ? 0 : 1;
