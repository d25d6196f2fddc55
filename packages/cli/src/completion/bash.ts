import type { CompletionCommand, Flag } from './completion-model.js';

const namesOf = (flags: readonly Flag[]): readonly string[] => flags.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short]));
const quoted = (words: readonly string[]): string => `'${words.join(' ')}'`;

/** A script for bash 4 and later that needs nothing else. Pure. */
export function bashScript(commands: readonly CompletionCommand[]): string {
  const deeper = commands.flatMap(({ path, commands: below }) => below.map(({ name }) => `'${path}:${name}'`));
  return `# Completion of shepherd for bash: eval "$(shepherd completion bash)"
_shepherd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' commands='' flags='' first='' word i at=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $path:$word in
      ${deeper.join('|')}) path=\${path:+$path }$word; at=$i ;;
    esac
  done
  COMPREPLY=()
  case $path:$prev in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $path in
${commands.map(wordCase).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  elif ((COMP_CWORD == at + 1)); then
    COMPREPLY=($(compgen -W "$first" -- "$cur"))
  fi
}
complete -F _shepherd shepherd
`;
}

/** What a flag is followed by; flags with the same words share a line. */
function valueCases({ path, flags }: CompletionCommand): readonly string[] {
  const by = new Map<string, string[]>();
  for (const flag of flags) {
    if (flag.values === undefined) continue;
    const reply =
      flag.values === 'any'
        ? ''
        : flag.values === 'file'
          ? 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); '
          : `COMPREPLY=($(compgen -W ${quoted(flag.values)} -- "$cur")); `;
    by.set(reply, [...(by.get(reply) ?? []), ...namesOf([flag]).map((name) => `'${path}:${name}'`)]);
  }
  return [...by].map(([reply, names]) => `    ${names.join('|')}) ${reply}return ;;`);
}

const wordCase = ({ path, commands, flags, first }: CompletionCommand): string =>
  `    '${path}') commands=${quoted(commands.map(({ name }) => name))} flags=${quoted(namesOf(flags))} first=${quoted(first)} ;;`;
