/** Where a control server may be found. */
export interface ControlTarget {
  readonly host: string;
  readonly port: number;
}

export const urlOf = ({ host, port }: ControlTarget): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Gluetun's own words for its tunnel. */
export type TunnelStatus = 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed' | 'completed';

/** Where a VPN's traffic leaves it, as Gluetun found out. */
export interface PublicAddress {
  readonly ip: string;
  readonly country: string | null;
  readonly region: string | null;
  readonly city: string | null;
}

export interface ForwardedPort {
  readonly number: number;
  /** When it was told of first. */
  readonly since: number;
}

/** What the control server said to one question. */
export type Told<T> =
  /** null: it says that there is none. */
  | { readonly kind: 'told'; readonly value: T | null }
  /** 401: nobody gave Tandem these routes. */
  | { readonly kind: 'denied'; readonly routes: readonly string[] }
  /** No answer, or one that makes no sense. */
  | { readonly kind: 'failed'; readonly why: string };

/** What is known of a VPN from its control server. */
export interface Control {
  /** When the newest question that counted was asked; older answers change nothing. */
  readonly askedAt: number;
  /** Whether it has answered, or failed to, since this tunnel came up. */
  readonly heard: boolean;
  readonly tunnel: TunnelStatus | null;
  readonly publicAddress: PublicAddress | null;
  readonly forwardedPort: ForwardedPort | null;
  /** What could not be read, and why; null when all could. */
  readonly problem: string | null;
}

export const nothingTold = (askedAt: number): Control => ({
  askedAt,
  heard: false,
  tunnel: null,
  publicAddress: null,
  forwardedPort: null,
  problem: null,
});

/** What a process that has just started may believe of it: the tunnel may have gone, and no port is one of the future. */
export const rememberedControl = (control: Control, now: number): Control => {
  const { forwardedPort: port } = control;
  return {
    ...control,
    tunnel: null,
    askedAt: now,
    forwardedPort: port && { ...port, since: Math.min(port.since, now) },
  };
};

/** Whether it shows another tunnel than before: another address, or one where there was none. */
export const isAnotherTunnel = (before: Control, after: Control): boolean =>
  before.heard && after.publicAddress !== null && after.publicAddress.ip !== before.publicAddress?.ip;

/** Whether a client would see a difference. */
export const tellsOtherwise = (a: Control, b: Control): boolean =>
  a.tunnel !== b.tunnel ||
  a.forwardedPort?.number !== b.forwardedPort?.number ||
  a.problem !== b.problem ||
  a.publicAddress?.ip !== b.publicAddress?.ip ||
  a.publicAddress?.country !== b.publicAddress?.country ||
  a.publicAddress?.region !== b.publicAddress?.region ||
  a.publicAddress?.city !== b.publicAddress?.city;
