// The TypeScript of Markdown pages compiles against the sources. A block that quotes a file (`<!-- code: FILE -->`) is checked where the file is. What a block
// leaves out because the page is about something else stands in docs-globals.d.ts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);

/** Blocks by the name of a file that is not on the disk, each a module of its own. */
const blocks = new Map();
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  for (const { 1: note = '', 2: code, index } of text.matchAll(/(<!-- code: \S+ -->\n)?^```ts\n([\s\S]*?)^```$/gm)) {
    if (note !== '') continue;
    const line = text.slice(0, index).split('\n').length;
    // As many empty lines before it as the page has, so that a message names the line of the page.
    blocks.set(join(root, `${page}.${line}.ts`), `${'\n'.repeat(line)}${code}\nexport {};\n`);
  }
}

const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (file) => blocks.has(file) || fileExists(file);
host.readFile = (file) => blocks.get(file) ?? readFile(file);
host.getSourceFile = (file, target, ...rest) =>
  blocks.has(file) ? ts.createSourceFile(file, blocks.get(file), target, true) : getSourceFile.call(host, file, target, ...rest);

const program = ts.createProgram([...blocks.keys(), join(root, 'scripts/docs-globals.d.ts')], options, host);
const found = [...blocks.keys()].flatMap((file) => {
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
});
for (const { file, start, messageText } of found) {
  const page = file.fileName.slice(root.length + 1).replace(/\.\d+\.ts$/, '');
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
  console.error(`${page}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}
console.log(found.length === 0 ? `${blocks.size} blocks of TypeScript compile` : `${found.length} faults in ${blocks.size} blocks of TypeScript`);
process.exitCode = found.length === 0 ? 0 : 1;
