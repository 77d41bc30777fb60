/** The numbers that the operator chooses. Durations are milliseconds. */
export interface Policy {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly stabilizationMs: number;
  readonly startGraceMs: number;
  readonly failureConfirmMs: number;
  readonly circuitFailureThreshold: number;
  readonly circuitRecoveryMs: number;
}
