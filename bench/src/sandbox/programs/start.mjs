// How long a sandbox takes to start, in a process that has just begun: the import apart, because whoever uses it has imported it already.
const beganAt = performance.now();
const { createSandbox } = await import('@shepherd/sandbox');
const importedAt = performance.now();
const sandbox = await createSandbox({ time: 'real' });
const answer = await fetch(`${sandbox.url}/version`);
await answer.text();
const startedAt = performance.now();
await sandbox[Symbol.asyncDispose]();
console.log(JSON.stringify({ importMs: importedAt - beganAt, startMs: startedAt - importedAt, ok: answer.ok }));
