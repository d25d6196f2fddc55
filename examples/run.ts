import { readdirSync } from 'node:fs';
import type { Outcome } from '@shepherd/core';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !/^run|\.test|config/.test(file))
  .map((file) => file.slice(0, -3));
const name = process.argv[2] ?? '';
if (!names.includes(name)) {
  console.error(`which example? ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  const { example } = (await import(`./${name}.js`)) as { example: () => Promise<Outcome> };
  await example();
}
