/** Completion for bash, version 4 and later. */
import type { CompletionCommand, CompletionNoun } from './words.ts';

const optionWords = ({ options }: CompletionCommand): string =>
  options.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]).join(' ');

/** Per command: its options, and what stands behind those with known values. */
const commandCase = (command: CompletionCommand): readonly string[] => [
  `    '${command.name}')`,
  `      options='${optionWords(command)}'`,
  ...(command.takesFile ? ['      files=yes'] : []),
  '      case "$previous" in',
  ...command.options.flatMap(({ name, short, takesValue, choices, isFile }) => {
    if (!takesValue) return [];
    const words = short === undefined ? `--${name}` : `--${name}|-${short}`;
    const action = isFile ? 'values=; files=yes; only=yes' : `values='${choices.join(' ')}'; only=yes`;
    return [`        ${words}) ${action} ;;`];
  }),
  '      esac ;;',
];

export const bashScript = (nouns: readonly CompletionNoun[]): string => {
  const commands = nouns.flatMap((noun) => noun.commands);
  const verbs = nouns.filter((noun) => noun.verbs.length > 0);
  return `# bash completion for edgelog
_edgelog() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local noun= verb= verbs= options= values= files= only= word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -* ]] && continue
    if [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word; fi
  done
  COMPREPLY=()
  if [[ -z $noun ]]; then
    COMPREPLY=($(compgen -W '${nouns.map(({ name }) => name).join(' ')}' -- "$current"))
    return
  fi
  case "$noun" in
${verbs.map(({ name, verbs: own }) => `    ${name}) verbs='${own.map((verb) => verb.name).join(' ')}' ;;`).join('\n')}
    help) verbs='${nouns.map(({ name }) => name).join(' ')} settings exit-codes environment output' ;;
    completion) verbs='bash zsh fish' ;;
  esac
  local command=$noun
  [[ -n $verb && " $verbs " == *" $verb "* && $noun != help && $noun != completion ]] && command="$noun $verb"
  case "$command" in
${commands.flatMap(commandCase).join('\n')}
  esac
  if [[ -n $only && -z $files ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
  elif [[ -n $only ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    [[ -z $verb ]] && COMPREPLY=($(compgen -W "$verbs" -- "$current"))
    [[ -n $files ]] && COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _edgelog edgelog
`;
};
