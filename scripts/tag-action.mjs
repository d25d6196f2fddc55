// Tags a release of the action: `v1.2.3`, and `v1` for whoever wants the newest of it. The tags' commit is this one and the built file on top of it, which main does not have.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const { version } = JSON.parse(readFileSync('packages/action/package.json', 'utf8'));
const file = 'packages/action/dist/action.mjs';
const exact = `v${version}`;
const major = `v${version.split('.')[0]}`;

if (git('ls-remote', '--tags', 'origin', `refs/tags/${exact}`) !== '') {
  console.log(`${exact} is there already`);
} else {
  execFileSync('npm', ['run', '--silent', 'build', '-w', 'packages/action'], { stdio: 'inherit' });
  git('add', '--force', file);
  const tree = git('write-tree');
  git('reset', '--quiet', file);
  const bot = ['-c', 'user.name=github-actions[bot]', '-c', 'user.email=41898282+github-actions[bot]@users.noreply.github.com'];
  const commit = git(...bot, 'commit-tree', tree, '-p', 'HEAD', '-m', `The action of ${exact}: its file, built from ${git('rev-parse', 'HEAD')}`);
  git('push', '--force', 'origin', `${commit}:refs/tags/${exact}`, `${commit}:refs/tags/${major}`);
  console.log(`${exact} and ${major} are ${commit}`);
}
