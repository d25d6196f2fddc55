import type { Dependency, Issue } from '@shepherd/core';

/** `mongodb=mongodb-0.mongodb.data.svc:27017/health/database`: name, host and port, and where the app logs in, if it says so. */
export function readDependencies(texts: readonly string[], issues: Issue[]): readonly Dependency[] {
  return texts.flatMap((text) => {
    const [, name, address, auth] = /^([\w.-]+)=([^\s/:@]+:\d{1,5})(\/\S*)?$/.exec(text) ?? [];
    if (name !== undefined && address !== undefined) return [{ name, address, ...(auth === undefined ? {} : { auth }) }];
    // A credential in an address must not be said again.
    issues.push({
      path: '--dependency',
      got: text.replace(/=.*@/, '=***@'),
      expected: 'NAME=HOST:PORT, or NAME=HOST:PORT/PATH with a path of the app that logs in there',
    });
    return [];
  });
}
