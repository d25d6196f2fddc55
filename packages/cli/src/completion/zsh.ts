import type { CompletionCommand, Flag } from './completion-model.js';

/** A script for zsh, also as the file _shepherd in a folder of fpath. Pure. */
export function zshScript(commands: readonly CompletionCommand[]): string {
  const deeper = commands.flatMap(({ path, commands: below }) => below.map(({ name }) => `'${path}:${name}'`));
  return `#compdef shepherd
# Completion of shepherd for zsh: source <(shepherd completion zsh)
_shepherd() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} command_path='' word
  local -a below flags first
  integer i at=1
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $command_path:$word in
      ${deeper.map((each) => `(${each})`).join('|')}) command_path=\${command_path:+$command_path }$word; at=$i ;;
    esac
  done
  case $command_path:$prev in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $command_path in
${commands.map(wordCase).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    _describe -o flag flags
  elif (( \${#below} )); then
    _describe command below
  elif (( CURRENT == at + 1 && \${#first} )); then
    compadd -- $first
  fi
}
if [[ $funcstack[1] == _shepherd ]]; then
  _shepherd "$@"
else
  compdef _shepherd shepherd
fi
`;
}

const entry = (name: string, text: string): string => `'${name}:${text}'`;
const namesOf = ({ long, short }: Flag): readonly string[] => (short === undefined ? [long] : [long, short]);

function valueCases({ path, flags }: CompletionCommand): readonly string[] {
  return flags.flatMap((flag) => {
    const { values } = flag;
    if (values === undefined) return [];
    const reply = values === 'any' ? '' : values === 'file' ? '_files; ' : `compadd -- ${values.join(' ')}; `;
    return [
      `    ${namesOf(flag)
        .map((name) => `('${path}:${name}')`)
        .join('|')}) ${reply}return ;;`,
    ];
  });
}

const wordCase = ({ path, commands, flags, first }: CompletionCommand): string =>
  `    '${path}') below=(${commands.map(({ name, text }) => entry(name, text)).join(' ')}) flags=(${flags.flatMap((flag) => namesOf(flag).map((name) => entry(name, flag.text))).join(' ')}) first=(${first.join(' ')}) ;;`;
