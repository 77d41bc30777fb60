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
  readonly circuitFailureThreshold: number;
  readonly circuitRecoveryMs: number;
}
