import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { completionFor, type ShellName, shells } from './completion.ts';
import { engines } from './engines.ts';
import { events } from './events.ts';
import { Complaint, complaintFrom, type ExitCode, exit } from './exit.ts';
import { tellOfLosses } from './losses.ts';
import { type ProvisionOptions, provision } from './provision.ts';
import { scale } from './scale.ts';
import { connect, type Service } from './service.ts';
import type { GlobalOptions, Shell } from './shell.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { watch } from './watch.ts';

/** Runs what the arguments say, and tells how it ended. Mistakes are told on one line, on the side. */
export async function run(args: readonly string[], shell: Shell, version: string): Promise<ExitCode> {
  let code: ExitCode = exit.ok;
  const program = makeProgram(shell, version, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode === 0 ? exit.ok : exit.usage;
    const complaint = complaintFrom(problem);
    // Whoever has ended it knows why.
    if (!shell.signal.aborted || problem instanceof Complaint) shell.err.write(`tandem: ${complaint.line}\n`);
    return complaint.code;
  }
}

const codes = `
Exit codes:
  0  done, and all is well          65  that event is no longer known
  1  not as it was wished for       69  nobody answers, or another version
  2  the command is wrong           75  not now: try again in a moment
  3  only some of it was done       77  the key is missing, wrong or too weak
`;

const examplesOf = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;

function makeProgram(shell: Shell, version: string, end: (code: ExitCode) => void): Command {
  const program = new Command('tandem')
    .description('Asks and tells a Tandem service, over its public API.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
    .option('--url <url>', 'where the service is (TANDEM_URL; else the APP_PORT of this machine)')
    .option('--key <key>', 'its API_KEY (better: TANDEM_API_KEY or API_KEY, which nobody sees in ps)')
    .option('--json', 'print JSON')
    .option('--no-color', 'print without colours (NO_COLOR)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void shell.out.write(text),
      writeErr: (text) => void shell.err.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'tandem: ')),
    })
    .showHelpAfterError('Add --help to see what there is.')
    .exitOverride()
    .addHelpText('after', codes)
    .addHelpText(
      'after',
      examplesOf('tandem status', 'tandem provision --count 10', 'tandem --json engines | jq -r ".[].url"'),
    );

  /** An action that asks the service, and says so where the connection is lost. */
  const asking = async <O extends GlobalOptions>(
    command: Command,
    act: (service: Service, options: O) => Promise<ExitCode>,
  ) => {
    const options = command.optsWithGlobals<O>();
    await using service = connect(shell, options, tellOfLosses(shell));
    end(await act(service, options));
  };

  program
    .command('status')
    .description('how the VPNs, the emergency and the fleet are; exits with 1 when not all is well')
    .addHelpText('after', examplesOf('tandem status', 'tandem status --json | jq .fleet.running'))
    .action((_options, command) => asking(command, (service, options) => status(shell, service, options)));

  program
    .command('engines')
    .description('the engines on offer')
    .option('--vpn <name>', 'only those of this VPN, even while it is FAILED')
    .addOption(among('--state <states...>', 'only in these states', ['PROVISIONING', 'RUNNING', 'STOPPING']))
    .addOption(among('--health <health...>', 'only of this health', ['HEALTHY', 'UNHEALTHY', 'UNKNOWN']))
    .addHelpText(
      'after',
      examplesOf(
        'tandem engines --vpn gluetun',
        'tandem engines --health UNHEALTHY',
        'tandem engines --json',
      ),
    )
    .action((_options, command) => asking(command, (service, options) => engines(shell, service, options)));

  program
    .command('provision')
    .description('start engines, spread over the VPNs, and wait until they run')
    .option('-n, --count <n>', 'how many', wholeNumber, 1)
    .option('-l, --label <key=value>', 'a label for each; can be repeated', label, [])
    .option('-e, --env <NAME=value>', 'a variable for each; can be repeated', variable, [])
    .option('--idempotency-key <key>', 'the same key within 24 h gives the same engines')
    .addHelpText(
      'after',
      examplesOf(
        'tandem provision --count 50',
        'tandem provision --label owner=anna --env LANG=C',
        'tandem provision --count 4 --idempotency-key friday',
      ),
    )
    .action((_options, command) =>
      asking<ProvisionOptions>(command, (service, options) => provision(shell, service, options)),
    );

  program
    .command('stop')
    .description('stop engines and remove their containers')
    .argument('<engines...>', 'names, ids, or ids of containers')
    .addHelpText('after', examplesOf('tandem stop acestream-1', 'tandem stop acestream-2 acestream-3 --json'))
    .action((names, _options, command) =>
      asking(command, (service, options) => stop(shell, service, names, options)),
    );

  program
    .command('scale')
    .description('set how many engines are kept from now on')
    .argument('<n>', 'from MIN_REPLICAS to MAX_REPLICAS', wholeNumber)
    .addHelpText('after', examplesOf('tandem scale 8'))
    .action((to, _options, command) =>
      asking(command, (service, options) => scale(shell, service, to, options)),
    );

  program
    .command('watch')
    .description('the status and what happens, live; without a terminal line after line')
    .addHelpText('after', examplesOf('tandem watch', 'tandem watch --json | jq .fleet.running'))
    .action(async (_options, command) => end(await watch(shell, command.optsWithGlobals())));

  program
    .command('events')
    .description('what happened, oldest first')
    .option('-f, --follow', 'go on with what happens, through every loss of the connection')
    .option('--after <id>', 'only what came after this event')
    .option('--last <n>', 'only the newest so many (20 without --after)', wholeNumber)
    .addOption(
      among('--type <types...>', 'only of these types', [
        'ENGINE_ASSIGNED',
        'ENGINE_CHANGED',
        'EMERGENCY_MODE_CHANGED',
        'VPN_CHANGED',
        'SCALING',
        'CIRCUIT_CHANGED',
      ]),
    )
    .addHelpText(
      'after',
      examplesOf(
        'tandem events --follow',
        'tandem events --type EMERGENCY_MODE_CHANGED VPN_CHANGED --last 50',
        'tandem events --follow --after 000000000042-1f0c9a3e --json',
      ),
    )
    .action((_options, command) => asking(command, (service, options) => events(shell, service, options)));

  program
    .command('doctor')
    .description('look for what is wrong with the set-up, whether or not the service runs')
    .addHelpText('after', examplesOf('tandem doctor', 'tandem doctor --json'))
    .action(async (_options, command) => {
      // With Docker's client it takes as long to load as all the rest.
      const { doctor } = await import('./doctor/doctor.ts');
      end(await doctor(shell, command.optsWithGlobals()));
    });

  program
    .command('completion')
    .description('print a script that completes commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      examplesOf(
        'source <(tandem completion bash)',
        'source <(tandem completion zsh)',
        'tandem completion fish > ~/.config/fish/completions/tandem.fish',
      ),
    )
    .action((name: ShellName) => {
      shell.out.write(completionFor(program, name));
    });

  return program;
}

/** An option with values of an enum of the API, in whatever case they are typed. */
function among(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description).choices(values);
  const { parseArg } = option;
  return option.argParser(
    (text, before: string[] | undefined) => parseArg?.(text.toUpperCase(), before) as string[],
  );
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number.');
}

function label(text: string, before: readonly { key: string; value: string }[]) {
  const [key, value] = pair(text);
  return [...before, { key, value }];
}

function variable(text: string, before: readonly { name: string; value: string }[]) {
  const [name, value] = pair(text);
  return [...before, { name, value }];
}

function pair(text: string): readonly [string, string] {
  const [, left, right] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (left !== undefined && right !== undefined) return [left, right];
  throw new InvalidArgumentError('It takes a name, "=" and a value.');
}
