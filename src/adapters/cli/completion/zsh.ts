/** Completion for zsh, with what each word means beside it. */
import type { CompletionCommand, CompletionNoun, CompletionOption } from './words.ts';

/** A word and its meaning as `_describe` reads them, in single quotes. */
const described = (word: string, about: string): string =>
  `'${word.replaceAll(':', '\\:')}:${about.replaceAll("'", '’').replaceAll(':', '\\:')}'`;

const optionRows = (options: readonly CompletionOption[]): string =>
  options.map(({ name, about }) => described(`--${name}`, about)).join(' ');

const valueCase = ({ name, short, takesValue, choices, isFile }: CompletionOption): readonly string[] => {
  if (!takesValue) return [];
  const words = short === undefined ? `--${name}` : `--${name}|-${short}`;
  return [
    `        ${words}) ${isFile ? '_files' : choices.length > 0 ? `compadd -- ${choices.join(' ')}` : '_message value'}; return ;;`,
  ];
};

const commandCase = (command: CompletionCommand): readonly string[] => [
  `    '${command.name}')`,
  '      case "$words[CURRENT-1]" in',
  ...command.options.flatMap(valueCase),
  '      esac',
  `      options=(${optionRows(command.options)})`,
  ...(command.takesFile ? ['      files=yes'] : []),
  '      ;;',
];

const verbRows = ({ verbs }: CompletionNoun): string =>
  verbs.map(({ name, about }) => described(name, about)).join(' ');

export const zshScript = (nouns: readonly CompletionNoun[]): string => `#compdef edgelog
_edgelog() {
  local -a plain options verbs nouns
  local noun= verb= files= command word
  nouns=(${nouns.map(({ name, about }) => described(name, about)).join(' ')})
  plain=(\${\${words[2,CURRENT-1]}:#-*})
  noun=\${plain[1]:-} verb=\${plain[2]:-}
  if [[ -z $noun ]]; then
    _describe command nouns
    return
  fi
  case "$noun" in
${nouns
  .filter(({ verbs }) => verbs.length > 0)
  .map((noun) => `    ${noun.name}) verbs=(${verbRows(noun)}) ;;`)
  .join('\n')}
    help) verbs=($nouns settings exit-codes environment output) ;;
    completion) verbs=(bash zsh fish) ;;
  esac
  command=$noun
  [[ -n $verb && $noun != help && $noun != completion && -n \${(M)verbs:#$verb:*} ]] && command="$noun $verb"
  case "$command" in
${nouns
  .flatMap((noun) => noun.commands)
  .flatMap(commandCase)
  .join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    _describe option options
  else
    [[ -z $verb ]] && _describe command verbs
    [[ -n $files ]] && _files
  fi
}
_edgelog "$@"
`;
