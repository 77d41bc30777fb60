/** The numbers that the operator chooses. Durations are milliseconds. */
export interface Policy {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** What is kept alive in an emergency at least. */
  readonly emergencyMinReplicas: number;
  /** `share`: what falls to the READY VPNs is kept alive in an emergency; `freeze`: only the least. */
  readonly emergencyCapacity: 'share' | 'freeze';
  readonly stabilizationMs: number;
  readonly startGraceMs: number;
  readonly failureConfirmMs: number;
  /** How long a VPN may be FAILED before its container is restarted; 0 for never. */
  readonly vpnRestartAfterMs: number;
  /** Whether a single VPN's engines are replaced after it came back. */
  readonly replaceOnReconnect: boolean;
  /** Probes in a row that an engine must fail to be UNHEALTHY, and how long it may stay so before it is replaced. */
  readonly healthFailureThreshold: number;
  readonly unhealthyGraceMs: number;
  /** Between the end of one replacement of an unhealthy engine and the beginning of the next. */
  readonly replacementCooldownMs: number;
  /** Between two replacements for the sake of one VPN's forwarded port. */
  readonly portCooldownMs: number;
  /** How long others must speak against a VPN that Docker calls healthy; 0 to listen to Docker alone. */
  readonly silentFailureMs: number;
  readonly circuitFailureThreshold: number;
  readonly circuitRecoveryMs: number;
}
