/** The ports that an engine binds in its namespace. */
export interface EnginePorts {
  readonly http: number;
  readonly https: number;
  readonly p2p: number;
  readonly api: number;
}

/** Reads `--flag value` and `--flag=value` from the command line and from the two variables that images take them by. */
export function readEnginePorts(argv: readonly string[], env: ReadonlyMap<string, string>): EnginePorts {
  const fromEnv = [env.get('ACESTREAM_ARGS') ?? '', env.get('EXTRA_FLAGS') ?? ''].flatMap((line) =>
    line.split(/\s+/),
  );
  const words = [...argv, ...fromEnv].flatMap((word) => word.split('='));
  const port = (flag: string, fallback: number) => {
    const at = words.lastIndexOf(flag);
    return at < 0 ? fallback : Number(words[at + 1]);
  };
  return {
    http: port('--http-port', 6878),
    https: port('--https-port', 6879),
    p2p: port('--port', 8621),
    api: port('--api-port', 62062),
  };
}
