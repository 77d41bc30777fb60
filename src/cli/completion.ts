import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shells)[number];

/** A script that completes the commands, the options and the fixed values of a program. It is whole: no key asks the program. */
export function completionFor(program: Command, shell: ShellName): string {
  switch (shell) {
    case 'bash':
      return bash(program);
    case 'zsh':
      return `autoload -Uz compinit bashcompinit\n(( \${+functions[compdef]} )) || compinit\nbashcompinit\n${bash(program)}`;
    case 'fish':
      return fish(program);
  }
}

const optionsOf = (command: Command): readonly Option[] => command.createHelp().visibleOptions(command);
const globalsOf = (program: Command): readonly Option[] => [...program.options];
const flagsOf = ({ short, long }: Option): string[] => [short, long].filter((flag) => flag !== undefined);
const takesValue = ({ required, optional }: Option): boolean => required || optional;
const valuesOf = (command: Command): string[] =>
  command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);

function bash(program: Command): string {
  const commands = program.commands.map((command) => command.name());
  const globals = globalsOf(program);
  const values = (command: Command | null, options: readonly Option[]) =>
    options.filter(takesValue).map((option) => {
      const pattern = flagsOf(option).map((flag) => `'${command?.name() ?? ''} ${flag}'`);
      return `    ${
        command
          ? pattern.join('|')
          : flagsOf(option)
              .map((flag) => `*' ${flag}'`)
              .join('|')
      }) words='${(option.argChoices ?? []).join(' ')}' ;;`;
    });
  const all = (command: Command) =>
    [...valuesOf(command), ...[...optionsOf(command), ...globals].flatMap(flagsOf)].join(' ');
  return `_tandem() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= words= word
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case $word in ${commands.join('|')}) command=$word; break ;; esac
  done
  case "$command \${COMP_WORDS[COMP_CWORD-1]}" in
${[...program.commands.flatMap((command) => values(command, optionsOf(command))), ...values(null, globals)].join('\n')}
    *) case $command in
${program.commands.map((command) => `      ${command.name()}) words='${all(command)}' ;;`).join('\n')}
      *) words='${[...commands, ...optionsOf(program).flatMap(flagsOf)].join(' ')}' ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _tandem tandem
`;
}

function fish(program: Command): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const line = (condition: string, option: Option) => {
    const { short, long, description, argChoices } = option;
    return [
      'complete -c tandem',
      condition,
      short && `-s ${short.slice(1)}`,
      long && `-l ${long.slice(2)}`,
      argChoices ? `-x -a ${quoted(argChoices.join(' '))}` : takesValue(option) && '-r',
      `-d ${quoted(description)}`,
    ]
      .filter(Boolean)
      .join(' ');
  };
  const seen = (command: Command) => `-n '__fish_seen_subcommand_from ${command.name()}'`;
  return [
    'complete -c tandem -f',
    ...optionsOf(program).map((option) => line('', option)),
    ...program.commands.flatMap((command) => [
      `complete -c tandem -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`,
      ...valuesOf(command).map((value) => `complete -c tandem ${seen(command)} -a ${value}`),
      ...optionsOf(command).map((option) => line(seen(command), option)),
    ]),
    '',
  ].join('\n');
}
