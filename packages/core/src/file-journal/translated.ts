import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { isCode } from './files.js';

/** Work with files, whose errors become ours. @throws ShepherdError ERR_FORBIDDEN, ERR_INVALID_OPTIONS, ERR_UNREACHABLE */
export async function translated<T>(signal: AbortSignal, directory: string, what: string, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (ShepherdError.is(error) || signal.aborted || code === undefined) throw error;
    if (isCode(error, 'EACCES', 'EPERM', 'EROFS')) {
      throw new ShepherdError('ERR_FORBIDDEN', `${what}: ${message}`, {
        facts: { missing: [{ verb: 'write', resource: directory }] },
        remedy: `give this user the right to write in ${directory}, on a file system with hard links, or name another directory`,
        cause: error,
      });
    }
    if (isCode(error, 'ENOTDIR', 'EEXIST')) {
      throw invalidOptions([{ path: 'fileJournal.directory', got: `${directory} (${message})`, expected: 'a directory, or a path where one can be made' }]);
    }
    throw new ShepherdError('ERR_UNREACHABLE', `${what}: ${message}`, {
      facts: { what: directory, reason: message },
      remedy: 'look at the disk: room, inodes, mount',
      retryable: true,
      cause: error,
    });
  }
}
