import type { CompletionCommand, Flag } from './completion-model.js';

/** A script for fish. Pure. */
export function fishScript(commands: readonly CompletionCommand[]): string {
  return `# Completion of shepherd for fish: shepherd completion fish | source
function __shepherd_path
  set -l path ''
  set -l words (commandline -opc)
  set -e words[1]
  for word in $words
    switch "$path:$word"
      case ${commands.flatMap(({ path, commands: below }) => below.map(({ name }) => `'${path}:${name}'`)).join(' ')}
        set path (string trim "$path $word")
    end
  end
  echo $path
end
function __shepherd_at
  test (__shepherd_path) = "$argv[1]"
end
function __shepherd_first
  set -l words (commandline -opc)
  test (__shepherd_path) = "$argv[1]"; and test "$words[-1]" = (string split ' ' -- $argv[1])[-1]
end
complete -c shepherd -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, flags, first }: CompletionCommand): readonly string[] {
  const at = `complete -c shepherd -n '__shepherd_at "${path}"'`;
  return [
    ...commands.map(({ name, text }) => `${at} -a ${name} -d '${text}'`),
    ...(first.length === 0 ? [] : [`complete -c shepherd -n '__shepherd_first "${path}"' -a '${first.join(' ')}'`]),
    ...flags.map((flag) => `${at} ${flagText(flag)}`),
  ];
}

function flagText({ long, short, text, values }: Flag): string {
  const name = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const value = values === undefined ? '' : values === 'file' ? ' -r -F' : values === 'any' ? ' -x' : ` -x -a '${values.join(' ')}'`;
  return `${name}${value} -d '${text}'`;
}
