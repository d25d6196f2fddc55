// Puts the code of files into the guides that quote them (`<!-- code: FILE -->`): after a change of an example. examples/guides.test.ts holds them to it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../docs/guides/', import.meta.url);
for (const name of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
  const guide = new URL(name, folder);
  const text = readFileSync(guide, 'utf8');
  const fresh = text.replace(
    /(<!-- code: (\S+) -->\n```\w+\n)[\s\S]*?```/g,
    (_, head, file) => `${head}${readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')}\`\`\``,
  );
  if (fresh !== text) writeFileSync(guide, fresh);
}
